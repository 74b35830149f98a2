"""Two models on the same reviews: how much better one is, and how sure that is.

Both answer every review, so reviews are resampled with both answers to them, and the difference
is computed anew for each resample: the paired bootstrap (P. Koehn, "Statistical Significance
Tests for Machine Translation Evaluation", 2004, https://aclanthology.org/W04-3250), with
percentile intervals (B. Efron and R. Tibshirani, "An Introduction to the Bootstrap", 1993,
section 13.3). What a review adds is which class it has and which of the two is right, so that
counts of these twelve cells are all that is drawn (`trainer.bootstrap`).
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charcnn.scoring import LABELS
from trainer.bootstrap import Interval, interval
from trainer.gate.check import Check, at_least

Counts = NDArray[np.int64]
"""Shape (..., classes, 2, 2): `[label, c, p]` reviews on which the candidate is right (c = 1) or
wrong (0), and production so (p)."""

Rights = NDArray[np.bool_]

RESAMPLES = 2000
SEED = 20_040_725
"""The same resamples every time: a report can be repeated."""


@dataclass(frozen=True)
class Difference:
    """Candidate minus production, with the middle 95 % of the resamples."""

    value: float
    interval: Interval

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as JSON can hold them."""
        return asdict(self)


def count(
    labels: NDArray[np.integer[Any]],
    candidate: Rights,
    production: Rights,
    classes: int = len(LABELS),
) -> Counts:
    """Return the counts of all cells; the first three are parallel, a value a review."""
    cells = labels.astype(np.int64) * 4 + candidate.astype(np.int64) * 2 + production
    counts: Counts = np.bincount(cells, minlength=classes * 4).reshape(classes, 2, 2)
    return counts


def difference(
    counts: Counts, statistic: Callable[[Counts], NDArray[np.float64]], seed: int = SEED
) -> Difference:
    """Return the difference that `statistic` takes of counts, with its interval."""
    return Difference(float(statistic(counts)), interval(counts, statistic, RESAMPLES, seed))


def not_worse(name: str, gain: Difference, margin: float) -> Check:
    """Return the check that the candidate is not surely worse by more than `margin`.

    Surely means that all of the interval is below minus the margin. So a model as good as
    production passes nearly always, also where few reviews make the interval wide.
    """
    low, high = gain.interval.low, gain.interval.high
    detail = (
        f"{gain.value:+.3f} (95 % between {low:+.3f} and {high:+.3f}), "
        f"where all of that must not be below {-margin:+g}"
    )
    return at_least(name, high, -margin, detail)


def balanced_gain(counts: Counts) -> NDArray[np.float64]:
    """Return the difference of the balanced accuracies: the mean over the classes there are."""
    gains = recall_gains(counts)
    present = np.isfinite(gains)
    total: NDArray[np.float64] = np.where(present, gains, 0).sum(axis=-1)
    mean: NDArray[np.float64] = total / np.maximum(present.sum(axis=-1), 1)
    return mean


def recall_gain(label: int) -> Callable[[Counts], NDArray[np.float64]]:
    """Return the statistic of one class: the difference of its recalls, 0 without a review."""

    def gain(counts: Counts) -> NDArray[np.float64]:
        return np.nan_to_num(recall_gains(counts)[..., label])

    return gain


def recall_gains(counts: Counts) -> NDArray[np.float64]:
    """Return the differences of the recalls, shape (..., classes); NaN without a review."""
    gained = counts[..., 1, 0] - counts[..., 0, 1]
    reviews = counts.sum(axis=(-2, -1))
    gains = np.full(reviews.shape, np.nan)
    np.divide(gained, reviews, out=gains, where=reviews > 0)
    return gains
