"""Checks on labelled reviews: floors that every model has to reach, and what production reaches."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charcnn.inference import Probabilities
from charcnn.scoring import LABELS
from trainer.gate import paired
from trainer.gate.check import Check, at_least, skipped
from trainer.gate.labelled import Labelled
from trainer.gate.limits import Limits
from trainer.metrics import balanced_accuracy, confusion, measure


def floors(reviews: Labelled, answers: Probabilities, limits: Limits) -> Iterator[Check]:
    """Yield the checks of a model alone: balanced accuracy, and every class's recall."""
    counts = confusion(reviews.labels, answers)
    right, support = np.diagonal(counts), counts.sum(axis=1)
    accuracy = float(balanced_accuracy(counts))
    yield at_least(
        f"{reviews.name}: balanced accuracy",
        accuracy,
        limits.balanced_accuracy,
        f"{accuracy:.3f} of {len(reviews.texts):,} reviews, each class weighing the same, "
        f"are called what they are, where {limits.balanced_accuracy:g} is the least",
    )
    for label, name in enumerate(LABELS):
        yield _recall(f"{reviews.name}: recall {name}", right[label], support[label], limits)


def _recall(name: str, right: int, support: int, limits: Limits) -> Check:
    if support < limits.least_of_class:
        return skipped(name, _too_few(support, limits.least_of_class))
    detail = f"{right} of {support} are called what they are, where {limits.recall:g} is the least"
    return at_least(name, right / support, limits.recall, detail)


def drops(
    reviews: Labelled, candidate: Probabilities, production: Probabilities, limits: Limits
) -> Iterator[Check]:
    """Yield the checks beside production, which answered the same reviews."""
    counts = paired_counts(reviews.labels, candidate, production)
    name = f"{reviews.name}: balanced accuracy against production"
    yield paired.not_worse(name, paired.difference(counts, paired.balanced_gain), limits.margin)
    for label, support in enumerate(counts.sum(axis=(1, 2))):
        name = f"{reviews.name}: recall {LABELS[label]} against production"
        if support < limits.least_of_class:
            yield skipped(name, _too_few(support, limits.least_of_class))
            continue
        gain = paired.difference(counts, paired.recall_gain(label))
        yield paired.not_worse(name, gain, limits.recall_margin)


def paired_counts(
    labels: NDArray[np.int64], candidate: Probabilities, production: Probabilities
) -> paired.Counts:
    """Return on how many reviews of each class either is right."""
    rights = [answers.argmax(axis=1) == labels for answers in (candidate, production)]
    return paired.count(labels, *rights)


def figures(reviews: Labelled, answers: Probabilities) -> dict[str, Any]:
    """Return all metrics on these reviews as JSON can hold them."""
    return {**reviews.as_dict(), **measure(reviews.labels, answers).as_dict()}


def _too_few(reviews: int, least: int) -> str:
    return f"{reviews} reviews are too few, {least} are the least"
