"""How far two distributions over the same parts are from each other."""

from collections.abc import Sequence
from math import log, log2, sqrt

LEAST_SHARE = 1e-4
"""What an empty part counts as in the stability index, whose logarithms have no zero."""

NORMAL_99 = 2.326347874040841
"""The standard normal distribution's 99 % quantile."""


def population_stability_index(expected: Sequence[float], actual: Sequence[float]) -> float:
    """Return the population stability index, Σ (a - e) · ln(a / e) over the parts.

    The formula is that of N. Siddiqi, *Credit Risk Scorecards* (Wiley, 2006); it is the sum of
    both Kullback-Leibler divergences. By the custom of his trade below 0.1 is no change, from 0.25
    on a great one.
    """
    pairs = (
        (max(one, LEAST_SHARE), max(other, LEAST_SHARE))
        for one, other in zip(expected, actual, strict=True)
    )
    return sum((other - one) * log(other / one) for one, other in pairs)


def jensen_shannon_distance(first: Sequence[float], second: Sequence[float]) -> float:
    """Return the Jensen-Shannon distance in base 2: 0 of equals, 1 of those that share nothing.

    It is the root of the divergence of J. Lin, "Divergence measures based on the Shannon entropy"
    (IEEE Transactions on Information Theory 37, 1991), which D. M. Endres and J. E. Schindelin, "A
    new metric for probability distributions" (the same, 49, 2003) show to be a metric.
    """
    middle = [(one + other) / 2 for one, other in zip(first, second, strict=True)]
    divergence = (_kullback_leibler(first, middle) + _kullback_leibler(second, middle)) / 2
    return sqrt(max(0.0, divergence))


def _kullback_leibler(first: Sequence[float], second: Sequence[float]) -> float:
    pairs = zip(first, second, strict=True)
    return sum(one * log2(one / other) for one, other in pairs if one > 0)


def index_by_chance(parts: int, expected_rows: int, actual_rows: int) -> float:
    """Return the stability index that one sample in a hundred exceeds without any drift.

    Of two samples of one distribution it is near to (1/n + 1/m) · χ² with one degree of freedom
    fewer than there are parts: B. Yurdakul and J. Naranjo, "Statistical properties of the
    population stability index" (Journal of Risk Model Validation 14, 2020).
    """
    return (1 / expected_rows + 1 / actual_rows) * _chi_square_99(parts - 1)


def _chi_square_99(freedom: int) -> float:
    """Return the 99 % quantile of χ² as E. B. Wilson and M. M. Hilferty (PNAS 17, 1931) have it."""
    spread = 2 / (9 * freedom)
    return float(freedom * (1 - spread + NORMAL_99 * sqrt(spread)) ** 3)
