import pytest
from bench.figures import compared, milliseconds
from bench.load import Load, together


def test_percentiles_are_interpolated_and_given_in_milliseconds() -> None:
    assert milliseconds([0.001, 0.002, 0.003], 50) == pytest.approx(2)
    assert milliseconds([0.001, 0.002], 75) == pytest.approx(1.75)


def test_one_duration_is_every_percentile() -> None:
    assert milliseconds([0.005], 99) == pytest.approx(5)


def test_a_ratio_is_to_the_value_compared_with() -> None:
    figure = compared("HTTP", 9.0, "ms", 4.5, "bare")
    assert (figure.value, figure.ratio, figure.base) == (9.0, 2.0, "bare")


def test_loads_one_after_the_other_add_up() -> None:
    both = together([Load([0.1, 0.3], elapsed=0.4), Load([0.2], elapsed=0.2)])
    assert both.seconds == [0.1, 0.3, 0.2]
    assert both.rate == pytest.approx(5)
