import math

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import f1_score

from trainer.bootstrap import Interval, interval
from trainer.metrics import accuracy, weighted_f1

CONFUSION = np.array([[271, 86, 20], [112, 206, 59], [14, 93, 270]])


def rows_of(confusion):
    cells = np.repeat(np.arange(confusion.size), confusion.ravel())
    return np.divmod(cells, len(confusion))


def test_the_interval_of_accuracy_is_that_of_the_binomial_distribution():
    reviews, share = CONFUSION.sum(), accuracy(CONFUSION)
    low, high = stats.binom.ppf((0.025, 0.975), reviews, share) / reviews
    found = interval(CONFUSION, accuracy, resamples=20_000)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1.5 / reviews)


def test_the_interval_of_weighted_f1_is_that_of_drawing_reviews_again():
    slowly = stats.bootstrap(
        rows_of(CONFUSION),
        lambda labels, called: f1_score(labels, called, average="weighted"),
        n_resamples=400,
        paired=True,
        vectorized=False,
        method="percentile",
        rng=np.random.default_rng(1),
    ).confidence_interval
    found = interval(CONFUSION, weighted_f1)
    assert (found.low, found.high) == pytest.approx((slowly.low, slowly.high), abs=0.006)


def test_an_interval_holds_the_figure_and_narrows_with_more_reviews():
    few, many = interval(CONFUSION, accuracy), interval(CONFUSION * 100, accuracy)
    assert few.low < many.low < accuracy(CONFUSION) < many.high < few.high
    assert (few.high - few.low) / (many.high - many.low) == pytest.approx(10, rel=0.1)


def test_an_interval_is_the_same_whenever_it_is_computed():
    assert interval(CONFUSION, accuracy) == interval(CONFUSION, accuracy)
    assert interval(CONFUSION, accuracy, seed=1) != interval(CONFUSION, accuracy, seed=2)


def test_where_all_reviews_agree_there_is_nothing_to_vary():
    assert interval(np.diag([5, 0, 7]), accuracy) == Interval(1.0, 1.0)


def test_without_reviews_there_is_no_interval():
    nothing = interval(np.zeros((3, 3), dtype=np.int64), accuracy)
    assert math.isnan(nothing.low)
    assert math.isnan(nothing.high)


def test_about_95_of_100_intervals_hold_the_truth():
    random = np.random.default_rng(7)
    draws = random.multinomial(600, CONFUSION.ravel() / CONFUSION.sum(), 400).reshape(-1, 3, 3)
    found = [interval(draw, accuracy, seed=seed) for seed, draw in enumerate(draws)]
    held = np.mean([one.low <= accuracy(CONFUSION) <= one.high for one in found])
    assert 0.92 <= held <= 0.98
