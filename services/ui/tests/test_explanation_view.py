import pytest
from dash import html

from review_ui.model_client import Explanation, Word
from review_ui.review.explanation import explanation_view, points, strength


def explanation(*words):
    return Explanation(score=0.5, label="average", rating=3, model_version="1", words=words)


def word(text, start, effect):
    return Word(text=text, start=start, end=start + len(text), effect=effect)


def all_of(kind, component):
    return [inner for inner in component._traverse() if isinstance(inner, kind)]


def plain_text(component):
    pieces = component.children if isinstance(component.children, list) else [component.children]
    return "".join(
        piece if isinstance(piece, str) else "" if is_hidden(piece) else plain_text(piece)
        for piece in pieces
    )


def is_hidden(component):
    return getattr(component, "className", "") == "visually-hidden"


TEXT = "Great 🙂 food,\n  slow staff."
WORDS = (word("Great", 0, 0.3), word("food", 8, 0.001), word("slow", 16, -0.09))


def test_the_text_is_shown_whole_with_its_spaces():
    view = explanation_view(TEXT, explanation(*WORDS))
    assert plain_text(view.children[0]) == TEXT


def test_words_that_mattered_are_marked_by_direction_and_strength():
    marks = all_of(html.Mark, explanation_view(TEXT, explanation(*WORDS)))
    assert [mark.className for mark in marks] == [
        "word word-raised word-3",
        "word word-lowered word-1",
    ]


def test_what_a_word_did_is_also_said_in_words():
    view = explanation_view(TEXT, explanation(*WORDS))
    spoken = [span.children for span in all_of(html.Span, view) if is_hidden(span)]
    assert spoken == [" (raised it by 30)", " (lowered it by 9)"]
    named = [entry.children for entry in all_of(html.Dd, view)]
    assert named == ["Great (+30)", "slow (\N{MINUS SIGN}9)"]


def test_a_legend_explains_the_lines():
    legend = explanation_view(TEXT, explanation(*WORDS)).children[-1]
    assert "raised the score" in plain_text(legend)
    assert "lowered it" in plain_text(legend)


def test_a_text_without_words_is_shown_too():
    view = explanation_view("!!!", explanation())
    assert plain_text(view.children[0]) == "!!!"
    assert "No single word" in plain_text(view)


@pytest.mark.parametrize(
    ("effect", "level"), [(0.3, 3), (-0.3, 3), (0.15, 2), (0.05, 1), (0.004, 0), (0, 0)]
)
def test_strength_is_relative_to_the_strongest_word(effect, level):
    assert strength(effect, greatest=0.3) == level


@pytest.mark.parametrize(("effect", "text"), [(0.124, "+12"), (-0.2, "−20"), (0.006, "+1")])  # noqa: RUF001  # A real minus sign.
def test_effects_are_points_of_percent(effect, text):
    assert points(effect) == text
