import pytest
from hypothesis import given
from hypothesis import strategies as st

from charcnn.scoring import LABELS, judge, score

CHANCES = st.lists(st.floats(0.01, 1), min_size=3, max_size=3).map(
    lambda values: [value / sum(values) for value in values]
)


@pytest.mark.parametrize(
    ("winner", "probability", "expected"),
    [(0, 1.0, 0.0), (0, 0.5, 0.165), (1, 0.5, 0.5), (1, 1.0, 0.67), (2, 0.5, 0.835), (2, 1.0, 1.0)],
)
def test_the_score_follows_the_formula_of_2019(winner, probability, expected):
    assert score(winner, probability) == pytest.approx(expected)


@given(CHANCES)
def test_label_score_and_rating_never_contradict_each_other(probabilities):
    verdict = judge(probabilities)
    ratings = {"bad": {1, 2}, "average": {3}, "good": {4, 5}}
    thirds = {"bad": (0, 0.33), "average": (0.33, 0.67), "good": (0.67, 1)}
    low, high = thirds[verdict.label]
    assert verdict.rating in ratings[verdict.label]
    assert low <= verdict.score <= high
    assert verdict.probabilities == dict(zip(LABELS, probabilities, strict=True))


def test_only_a_sure_verdict_suggests_the_extremes():
    assert judge([0.9, 0.05, 0.05]).rating == 1
    assert judge([0.5, 0.25, 0.25]).rating == 2
    assert judge([0.25, 0.25, 0.5]).rating == 4
    assert judge([0.05, 0.05, 0.9]).rating == 5
