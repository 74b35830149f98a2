"""Whether a model is as often right as it says: the probabilities of its answers, checked.

Expected calibration error and reliability table as in C. Guo, G. Pleiss, Y. Sun and
K. Weinberger, "On Calibration of Modern Neural Networks" (2017), https://arxiv.org/abs/1706.04599.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BINS = 15

SMALLEST = float(np.finfo(np.float64).eps)
"""A probability of 0 for what came true counts as this one: its logarithm is finite."""


@dataclass(frozen=True)
class ReliabilityBin:
    """The reviews answered with a probability above `low` and up to `high`."""

    low: float
    high: float
    confidence: float
    """The mean probability of the answers."""
    accuracy: float
    reviews: int


@dataclass(frozen=True)
class Calibration:
    """How well probabilities fit what came true; the less each figure, the better."""

    expected_calibration_error: float
    """The mean distance of confidence and accuracy over the bins, each weighted by its reviews."""
    brier_score: float
    """The squared distance of probabilities and truth: 0 to 2, summed over the classes."""
    negative_log_likelihood: float
    """The negative log-likelihood of a review's class, in nats."""
    bins: tuple[ReliabilityBin, ...]
    """By rising confidence, without those that are empty."""


def calibrate(labels: NDArray[np.integer], probabilities: NDArray[np.floating]) -> Calibration:
    """Compare `probabilities` of shape (reviews, classes) with the true `labels`.

    There must be at least one review, and each row of probabilities must sum to 1.
    """
    bins = reliability(labels, probabilities)
    gaps = [abs(one.confidence - one.accuracy) for one in bins]
    return Calibration(
        expected_calibration_error=float(np.average(gaps, weights=[one.reviews for one in bins])),
        brier_score=brier_score(labels, probabilities),
        negative_log_likelihood=negative_log_likelihood(labels, probabilities),
        bins=bins,
    )


def reliability(
    labels: NDArray[np.integer], probabilities: NDArray[np.floating]
) -> tuple[ReliabilityBin, ...]:
    """Return the bins that hold a review, by the probability of the likeliest class."""
    confidences = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    edges = np.linspace(0, 1, BINS + 1)
    places = np.searchsorted(edges[1:-1], confidences)
    return tuple(
        ReliabilityBin(
            low=float(edges[place]),
            high=float(edges[place + 1]),
            confidence=float(confidences[places == place].mean()),
            accuracy=float(right[places == place].mean()),
            reviews=int((places == place).sum()),
        )
        for place in np.unique(places)
    )


def brier_score(labels: NDArray[np.integer], probabilities: NDArray[np.floating]) -> float:
    """Return the mean squared distance of probabilities and truth (Brier 1950), 0 to 2."""
    truth = np.eye(probabilities.shape[1])[labels]
    return float(((probabilities - truth) ** 2).sum(axis=1).mean())


def negative_log_likelihood(
    labels: NDArray[np.integer], probabilities: NDArray[np.floating]
) -> float:
    """Return the mean negative log-likelihood of the true classes, in nats."""
    of_truth = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return float(-np.log(np.maximum(of_truth, SMALLEST)).mean())
