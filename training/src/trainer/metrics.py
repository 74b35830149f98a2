"""How good a classifier is on labelled reviews."""

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support

from charcnn.scoring import LABELS


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
    weighted_f1: float
    bad_versus_good: float
    classes: dict[str, ClassMetrics]
    confusion: list[list[int]]

    def as_dict(self) -> dict[str, object]:
        """Return the metrics as JSON can hold them."""
        return asdict(self)


def measure(labels: NDArray[np.int64], probabilities: NDArray[np.floating]) -> Metrics:
    """Compare `probabilities` of shape (reviews, 3) with the true `labels`."""
    called = probabilities.argmax(axis=1)
    known = list(range(len(LABELS)))
    columns = precision_recall_fscore_support(labels, called, labels=known, zero_division=0)
    rows = zip(*columns, strict=True)
    classes = {
        label: ClassMetrics(float(precision), float(recall), float(f1), int(support))
        for label, (precision, recall, f1, support) in zip(LABELS, rows, strict=True)
    }
    return Metrics(
        reviews=len(labels),
        accuracy=float(accuracy_score(labels, called)),
        weighted_f1=float(np.average(columns[2], weights=columns[3])),
        bad_versus_good=_bad_versus_good(labels, probabilities),
        classes=classes,
        confusion=confusion_matrix(labels, called, labels=known).tolist(),
    )


def _bad_versus_good(labels: NDArray[np.int64], probabilities: NDArray[np.floating]) -> float:
    """Return the accuracy on bad and good reviews when only these two may be answered."""
    extreme = labels != LABELS.index("average")
    good = probabilities[extreme, LABELS.index("good")] > probabilities[extreme, 0]
    truth = labels[extreme] == LABELS.index("good")
    return float((good == truth).mean()) if extreme.any() else float("nan")
