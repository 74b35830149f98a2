"""Calls are counted by how long they took, and percentiles are nearly right."""

import random

import pytest

from review_api.measurements import LAST, Call, Calls


def counted(*milliseconds):
    buckets = [Call("1.0", "production", 0, one).bucket for one in milliseconds]
    return Calls({bucket: buckets.count(bucket) for bucket in buckets})


def test_of_no_calls_nothing_is_known():
    calls = counted()
    assert (calls.answers, calls.failures) == (0, 0)
    assert calls.success_rate is calls.quantile(0.99) is None


def test_failures_count_as_calls_but_not_as_latencies():
    calls = counted(10, 10, 10, None)
    assert (calls.answers, calls.failures, calls.success_rate) == (3, 1, 0.75)
    assert calls.quantile(1) < 11
    assert counted(None).quantile(0.5) is None


def test_a_percentile_is_right_to_a_twentieth():
    dice = random.Random(1)
    latencies = sorted(dice.lognormvariate(3, 1) for _ in range(2001))
    calls = counted(*latencies)
    for share in (0.01, 0.5, 0.9, 0.99, 1):
        exact = latencies[max(0, round(share * 2001) - 1)]
        assert calls.quantile(share) == pytest.approx(exact, rel=0.055)


def test_nothing_is_too_fast_or_too_slow_to_be_counted():
    assert counted(0, 1e-9, 1).buckets == {0: 3}
    assert counted(1e12).buckets == {LAST: 1}


def test_calls_add_up():
    both = counted(10, None) + counted(10, 500)
    assert (both.answers, both.failures) == (3, 1)
