import json

import pytest

from review_ui.model_client import Score
from review_ui.review.score import announcement, empty_view, label_of, score_view, unknown_view


def score(value, label, rating):
    return Score(score=value, label=label, rating=rating, model_version="1.0")


def as_json(component):
    return json.dumps(component, default=lambda inner: inner.to_plotly_json())


@pytest.mark.parametrize(
    ("value", "label", "colour"),
    [(0.93, "good", "success"), (0.5, "average", "warning"), (0.1, "bad", "danger")],
)
def test_the_colour_follows_the_label(value, label, colour):
    view = as_json(score_view(score(value, label, 3)))
    assert f"bg-{colour}" in view
    assert f"chip-{colour}" in view


def test_the_score_is_shown_in_percent_with_rating_and_version():
    view = as_json(score_view(score(0.934, "good", 5)))
    assert '"93%"' in view
    assert '"width": "93%"' in view
    assert "Suggested rating: 5 of 5" in view
    assert "model 1.0" in view


def test_the_label_decides_the_colour_even_at_an_odd_score():
    assert "bg-warning" in as_json(score_view(score(0.67, "average", 3)))


@pytest.mark.parametrize("view", [empty_view(), unknown_view()])
def test_no_number_is_shown_where_there_is_none(view):
    assert "%" not in as_json(view).replace('"width": "0%"', "")


def test_a_screen_reader_hears_score_label_and_rating():
    assert announcement(score(0.1, "bad", 1)) == (
        "Sentiment 10 percent, bad. Suggested rating 1 of 5."
    )


@pytest.mark.parametrize(
    ("value", "label"),
    [(0, "bad"), (0.33, "bad"), (0.34, "average"), (0.66, "average"), (0.67, "good"), (1, "good")],
)
def test_a_score_alone_tells_its_label(value, label):
    assert label_of(value) == label
