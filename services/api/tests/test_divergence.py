"""Distances of distributions: against numbers worked out by hand, and against scipy."""

from math import log

import numpy as np
import pytest
from scipy import stats
from scipy.spatial import distance

from review_api.divergence import (
    LEAST_SHARE,
    index_by_chance,
    jensen_shannon_distance,
    population_stability_index,
)

EVEN, SKEWED = [0.25, 0.25, 0.25, 0.25], [0.4, 0.3, 0.2, 0.1]


def samples(count):
    generator = np.random.default_rng(7)
    for parts in generator.integers(2, 12, count):
        yield generator.dirichlet(np.ones(parts)), generator.dirichlet(np.ones(parts))


def test_the_index_of_two_halves_is_what_the_formula_gives_by_hand():
    """0.1·ln(0.6/0.5) + (-0.1)·ln(0.4/0.5) = 0.1·ln 1.5."""
    assert population_stability_index([0.5, 0.5], [0.6, 0.4]) == pytest.approx(0.1 * log(1.5))
    assert population_stability_index(EVEN, SKEWED) == pytest.approx(0.2282, abs=5e-5)


def test_the_index_is_the_sum_of_both_relative_entropies():
    for one, other in samples(50):
        expected = stats.entropy(one, other) + stats.entropy(other, one)
        both = (
            [max(share, LEAST_SHARE) for share in one],
            [max(share, LEAST_SHARE) for share in other],
        )
        if min(map(min, both)) > LEAST_SHARE:
            assert population_stability_index(one, other) == pytest.approx(expected)
            assert population_stability_index(other, one) == pytest.approx(expected)


def test_an_empty_part_counts_as_almost_nothing_and_not_as_infinity():
    found = population_stability_index([1, 0], [0, 1])
    assert found == pytest.approx(2 * (1 - LEAST_SHARE) * log(1 / LEAST_SHARE))
    assert population_stability_index([1, 0], [1, 0]) == 0


def test_the_distance_is_scipys():
    for one, other in samples(50):
        expected = distance.jensenshannon(one, other, base=2)
        assert jensen_shannon_distance(one, other) == pytest.approx(expected, abs=1e-9)


def test_the_distance_is_none_of_equals_and_one_of_those_that_share_nothing():
    assert jensen_shannon_distance(SKEWED, SKEWED) == 0
    assert jensen_shannon_distance([1, 0, 0], [0, 0.5, 0.5]) == pytest.approx(1)


@pytest.mark.parametrize("parts", [2, 3, 5, 10, 50])
def test_chance_follows_the_chi_square_distribution(parts):
    expected = (1 / 2000 + 1 / 80) * stats.chi2.ppf(0.99, parts - 1)
    assert index_by_chance(parts, 2000, 80) == pytest.approx(expected, rel=0.02)


def test_about_one_sample_in_a_hundred_exceeds_what_is_said_of_chance():
    generator, shares, trials = np.random.default_rng(11), np.full(10, 0.1), 2000
    limit = index_by_chance(10, 5000, 400)
    pairs = (
        (generator.multinomial(5000, shares) / 5000, generator.multinomial(400, shares) / 400)
        for _ in range(trials)
    )
    exceeding = sum(population_stability_index(*pair) > limit for pair in pairs)
    assert 0.003 < exceeding / trials < 0.025
