"""How far a figure would differ on other reviews: percentile bootstrap intervals (Efron 1979).

Drawing n reviews again, with replacement, draws the cells of their confusion matrix from a
multinomial distribution. So only the matrix is needed, and all resamples come at once.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.metrics import Confusion

TAILS = (0.025, 0.975)
"""The quantiles that bound the middle 95 %."""


@dataclass(frozen=True)
class Interval:
    """A 95 % confidence interval."""

    low: float
    high: float


def interval(
    confusion: Confusion,
    statistic: Callable[[Confusion], NDArray[np.float64]],
    resamples: int = 1000,
    seed: int = 0,
) -> Interval:
    """Return the interval of `statistic`; NaN to NaN where there are no reviews.

    `confusion` has shape (classes, classes). `statistic` takes the matrices of all resamples,
    shape (resamples, classes, classes), and returns a value for each.
    """
    reviews = int(confusion.sum())
    if not reviews:
        return Interval(float("nan"), float("nan"))
    chances = confusion.ravel() / reviews
    drawn = np.random.default_rng(seed).multinomial(reviews, chances, resamples)
    low, high = np.quantile(statistic(drawn.reshape(resamples, *confusion.shape)), TAILS)
    return Interval(float(low), float(high))
