"""How good a classifier is on labelled reviews; every figure follows from a confusion matrix."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from charcnn.scoring import LABELS

EXTREMES = (LABELS[0], LABELS[-1])
"""The classes that every model and every data set knows."""

Confusion = NDArray[np.int64]
"""Counts of shape (..., classes, classes): `[i, j]` reviews of class i were called j."""


@dataclass(frozen=True)
class ClassMetrics:
    """Precision, recall and F1 of one class, and how many reviews have it."""

    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class Metrics:
    """`confusion[i][j]` counts reviews of class i that were called j."""

    reviews: int
    accuracy: float
    balanced_accuracy: float
    """What the accuracy would be if every class were as frequent: the mean of their recalls."""
    weighted_f1: float
    bad_versus_good: float
    """The accuracy on bad and good reviews when only these two may be answered; NaN without any."""
    classes: dict[str, ClassMetrics]
    confusion: list[list[int]]

    def as_dict(self) -> dict[str, object]:
        """Return the metrics as JSON can hold them."""
        return asdict(self)


def measure(
    labels: NDArray[np.integer],
    probabilities: NDArray[np.floating],
    names: Sequence[str] = LABELS,
) -> Metrics:
    """Compare `probabilities` of shape (reviews, classes) with the true `labels`.

    `names` are the classes that labels and columns stand for.
    """
    counts = confusion(labels, probabilities)
    columns = zip(*_scores(counts), counts.sum(axis=1), strict=True)
    classes = {
        name: ClassMetrics(float(precision), float(recall), float(f1), int(support))
        for name, (precision, recall, f1, support) in zip(names, columns, strict=True)
    }
    return Metrics(
        reviews=len(labels),
        accuracy=float(accuracy(counts)),
        balanced_accuracy=float(balanced_accuracy(counts)),
        weighted_f1=float(weighted_f1(counts)),
        bad_versus_good=float(accuracy(bad_versus_good(labels, probabilities, names))),
        classes=classes,
        confusion=counts.tolist(),
    )


def confusion(labels: NDArray[np.integer], probabilities: NDArray[np.floating]) -> Confusion:
    """Return the confusion matrix when the likeliest class of each review is answered."""
    classes = probabilities.shape[1]
    cells = labels.astype(np.int64) * classes + probabilities.argmax(axis=1)
    return np.bincount(cells, minlength=classes * classes).reshape(classes, classes)


def bad_versus_good(
    labels: NDArray[np.integer], probabilities: NDArray[np.floating], names: Sequence[str]
) -> Confusion:
    """Return the 2 x 2 matrix of the bad and good reviews when only these may be answered."""
    columns = [names.index(name) for name in EXTREMES]
    rows = np.isin(labels, columns)
    return confusion(np.searchsorted(columns, labels[rows]), probabilities[rows][:, columns])


def accuracy(counts: Confusion) -> NDArray[np.float64]:
    """Return the share of reviews that were called what they are; NaN without any."""
    return _share(np.trace(counts, axis1=-2, axis2=-1), counts.sum(axis=(-2, -1)), np.nan)


def balanced_accuracy(counts: Confusion) -> NDArray[np.float64]:
    """Return the mean recall of the classes that have reviews; NaN without any."""
    recalls, present = _scores(counts)[1], counts.sum(axis=-1) > 0
    return _share(recalls.sum(axis=-1), present.sum(axis=-1), np.nan)


def weighted_f1(counts: Confusion) -> NDArray[np.float64]:
    """Return the mean F1 of the classes, each weighted by its reviews; NaN without any."""
    support = counts.sum(axis=-1)
    f1 = _scores(counts)[2]
    return _share((f1 * support).sum(axis=-1), support.sum(axis=-1), np.nan)


def _scores(counts: Confusion) -> tuple[NDArray[np.float64], ...]:
    """Return precision, recall and F1 of every class, shape (..., classes); 0 where undefined."""
    right = np.diagonal(counts, axis1=-2, axis2=-1)
    called, support = counts.sum(axis=-2), counts.sum(axis=-1)
    return (
        _share(right, called, 0),
        _share(right, support, 0),
        _share(2 * right, called + support, 0),
    )


def _share(
    part: NDArray[np.number], whole: NDArray[np.number], otherwise: float
) -> NDArray[np.float64]:
    """Return `part / whole`, or `otherwise` where there is no whole."""
    shares = np.full(np.shape(whole), otherwise, dtype=np.float64)
    np.divide(part, whole, out=shares, where=np.asarray(whole) > 0)
    return shares
