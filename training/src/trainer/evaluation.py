"""How good a model is on labelled reviews: every figure with what it rests on.

Model and data may tell different classes apart. Then only the classes that both know are
compared: reviews of another class are left out, and only these classes may be answered.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charcnn.inference import Probabilities
from charcnn.scoring import LABELS
from trainer.bootstrap import Interval, interval
from trainer.calibration import Calibration, calibrate
from trainer.data.corpus import Corpus
from trainer.errors import EvaluationError
from trainer.metrics import (
    Metrics,
    accuracy,
    bad_versus_good,
    balanced_accuracy,
    confusion,
    measure,
    weighted_f1,
)
from trainer.models import CHUNK, Model

Rows = NDArray[np.int64]

OnReviews = Callable[[int], object]
"""Called with the number of reviews that were just answered."""


@dataclass(frozen=True)
class SourceFigures:
    """How many reviews of a source are called what they are."""

    reviews: int
    accuracy: float
    interval: Interval


@dataclass(frozen=True)
class Evaluation:
    """All figures; `intervals` are those of the metrics by the same names."""

    classes: tuple[str, ...]
    left_out: int
    """Reviews of a class that the model does not know."""
    forced: bool
    """Whether the model knows a class that the data does not, which it may not answer."""
    metrics: Metrics
    intervals: dict[str, Interval]
    sources: dict[str, SourceFigures]
    calibration: Calibration

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as JSON can hold them."""
        return asdict(self)


@dataclass(frozen=True)
class Answered:
    """Reviews and answers of the classes that data and model share."""

    classes: tuple[str, ...]
    labels: Rows
    probabilities: Probabilities
    sources: NDArray[np.int16]


def answer(model: Model, corpus: Corpus, rows: Rows, on_reviews: OnReviews) -> Probabilities:
    """Return the model's probabilities of shape (len(rows), 3), ordered as `LABELS`."""
    parts = [np.empty((0, len(LABELS)))]
    for start in range(0, len(rows), CHUNK):
        texts = corpus.texts_at(rows[start : start + CHUNK])
        parts.append(model.probabilities(texts))
        on_reviews(len(texts))
    return np.concatenate(parts)


def evaluate(corpus: Corpus, rows: Rows, probabilities: Probabilities) -> Evaluation:
    """Compare the answers to `rows`, shape (len(rows), 3), with what these reviews are.

    Raises:
        EvaluationError: there is no review to compare.
    """
    answered = _shared(corpus, rows, probabilities)
    labels, answers, classes = answered.labels, answered.probabilities, answered.classes
    return Evaluation(
        classes=classes,
        left_out=len(rows) - len(labels),
        forced=len(_known(probabilities)) > len(classes),
        metrics=measure(labels, answers, classes),
        intervals=_intervals(answered),
        sources=_by_source(answered, corpus.source_names),
        calibration=calibrate(labels, answers),
    )


def _known(probabilities: Probabilities) -> tuple[str, ...]:
    """Return the classes that the model tells apart: the others' probability is always 0."""
    return tuple(LABELS[column] for column in np.flatnonzero(probabilities.any(axis=0)))


def _shared(corpus: Corpus, rows: Rows, probabilities: Probabilities) -> Answered:
    known = _known(probabilities)
    classes = tuple(label for label in known if label in corpus.label_names)
    new = [classes.index(name) if name in classes else -1 for name in corpus.label_names]
    labels = np.array(new, dtype=np.int64)[corpus.labels[rows]]
    kept = labels >= 0
    if not kept.any():
        raise EvaluationError(
            "there is no review to measure on: choose others with --rows or --data"
        )
    columns = [LABELS.index(label) for label in classes]
    answers = probabilities[kept][:, columns]
    shares = answers / answers.sum(axis=1, keepdims=True)
    return Answered(classes, labels[kept], shares, corpus.sources[rows][kept])


def _intervals(answered: Answered) -> dict[str, Interval]:
    counts = confusion(answered.labels, answered.probabilities)
    extremes = bad_versus_good(answered.labels, answered.probabilities, answered.classes)
    return {
        "accuracy": interval(counts, accuracy),
        "balanced_accuracy": interval(counts, balanced_accuracy),
        "weighted_f1": interval(counts, weighted_f1),
        "bad_versus_good": interval(extremes, accuracy),
    }


def _by_source(answered: Answered, names: tuple[str, ...]) -> dict[str, SourceFigures]:
    """Return the figures of every source, that with most reviews first."""
    order = np.argsort(answered.sources, kind="stable")
    sources, starts = np.unique(answered.sources[order], return_index=True)
    figures = {}
    for source, rows in zip(sources, np.split(order, starts[1:]), strict=True):
        counts = confusion(answered.labels[rows], answered.probabilities[rows])
        figures[names[source]] = SourceFigures(
            len(rows), float(accuracy(counts)), interval(counts, accuracy)
        )
    return dict(sorted(figures.items(), key=lambda one: -one[1].reviews))
