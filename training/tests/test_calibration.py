import json
import math
from dataclasses import asdict

import numpy as np
import pytest
from sklearn import metrics
from sklearn.calibration import calibration_curve

from trainer.calibration import BINS, brier_score, calibrate, negative_log_likelihood, reliability

REVIEWS = 3000


def answers(classes, sharpness=1.0):
    """Labels drawn from the probabilities themselves, which are then sharpened."""
    random = np.random.default_rng(classes)
    honest = random.dirichlet(np.ones(classes), REVIEWS)
    labels = (random.random((REVIEWS, 1)) > honest.cumsum(axis=1)).sum(axis=1)
    sharpened = honest**sharpness
    return labels, sharpened / sharpened.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("classes", [2, 3])
def test_log_loss_and_brier_score_are_those_of_scikit_learn(classes):
    labels, probabilities = answers(classes)
    assert negative_log_likelihood(labels, probabilities) == pytest.approx(
        metrics.log_loss(labels, probabilities)
    )
    expected = metrics.brier_score_loss(labels, probabilities, scale_by_half=False)
    assert brier_score(labels, probabilities) == pytest.approx(expected)


@pytest.mark.parametrize("classes", [2, 3])
def test_the_reliability_table_is_the_calibration_curve_of_scikit_learn(classes):
    labels, probabilities = answers(classes)
    right = probabilities.argmax(axis=1) == labels
    accuracies, confidences = calibration_curve(right, probabilities.max(axis=1), n_bins=BINS)
    bins = reliability(labels, probabilities)
    assert [one.accuracy for one in bins] == pytest.approx(accuracies.tolist())
    assert [one.confidence for one in bins] == pytest.approx(confidences.tolist())


def test_every_review_is_in_the_bin_of_its_confidence():
    labels, probabilities = answers(3)
    bins = reliability(labels, probabilities)
    assert sum(one.reviews for one in bins) == REVIEWS
    assert all(one.low < one.confidence <= one.high for one in bins)
    assert [one.low for one in bins] == sorted(one.low for one in bins)


def test_the_expected_calibration_error_is_the_weighted_gap_worked_out_by_hand():
    probabilities = np.array([[0.9, 0.1], [0.9, 0.1], [0.4, 0.6], [0.4, 0.6]])
    found = calibrate(np.array([0, 1, 1, 1]), probabilities)
    assert found.expected_calibration_error == pytest.approx(
        (2 * abs(0.9 - 0.5) + 2 * abs(0.6 - 1)) / 4
    )
    assert [(one.confidence, one.accuracy, one.reviews) for one in found.bins] == [
        (pytest.approx(0.6), 1.0, 2),
        (pytest.approx(0.9), 0.5, 2),
    ]


def test_honest_probabilities_are_calibrated_and_sharpened_ones_are_not():
    honest, boastful = calibrate(*answers(3)), calibrate(*answers(3, sharpness=4))
    assert honest.expected_calibration_error < 0.03
    assert boastful.expected_calibration_error > 0.1
    assert boastful.negative_log_likelihood > honest.negative_log_likelihood
    assert boastful.brier_score > honest.brier_score


def test_a_sure_and_right_model_has_no_error_at_all():
    found = calibrate(np.array([0, 1, 2]), np.eye(3))
    assert (found.expected_calibration_error, found.brier_score, found.negative_log_likelihood) == (
        0,
        0,
        0,
    )
    assert [(one.high, one.accuracy, one.reviews) for one in found.bins] == [(1, 1, 3)]


def test_a_sure_and_wrong_model_has_the_largest_error_yet_a_finite_one():
    found = calibrate(np.array([1, 2, 0]), np.eye(3, dtype=np.float32))
    assert (found.expected_calibration_error, found.brier_score) == (1, 2)
    assert 30 < found.negative_log_likelihood < math.inf


def test_the_figures_can_be_written_as_json():
    found = asdict(calibrate(*answers(3)))
    assert json.loads(json.dumps(found, allow_nan=False))["bins"] == list(found["bins"])
