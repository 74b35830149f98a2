"""How the words of a text are shown by what they did to its score.

Colour never stands alone: a word that raised the score has a solid line below it, one that
lowered it a broken one, and the strongest are named in words.
"""

from collections.abc import Iterator, Sequence

from dash import html
from dash.development.base_component import Component

from review_ui.elements import hidden_text
from review_ui.model_client import Explanation, Word

# Smaller effects do not show as a point of percent.
SMALLEST_EFFECT = 0.005
NAMED_WORDS = 3


def explanation_view(text: str, explanation: Explanation) -> Component:
    """The text with its words marked, a legend, and the words that mattered most."""
    return html.Div(
        [
            html.P(
                list(_marked(text, explanation.words)),
                className="explained",
                # A long text scrolls, which takes focus where there is no pointer.
                tabIndex=0,
                lang="",
            ),
            *_strongest(explanation.words),
            _legend(),
        ]
    )


def nothing_to_explain_view() -> Component:
    """What is shown while no text has a score."""
    return html.P("There is no score to explain yet.", className="quiet")


def strength(effect: float, greatest: float) -> int:
    """From 0 (did not matter) to 3 (about as strong as the `greatest` effect in the text)."""
    if abs(effect) < SMALLEST_EFFECT:
        return 0
    return 1 + min(2, int(3 * abs(effect) / greatest))


def points(effect: float) -> str:
    """An effect on the score in signed points of percent, as people write it."""
    sign = "+" if effect > 0 else "\N{MINUS SIGN}"
    return f"{sign}{max(1, round(100 * abs(effect)))}"


def _marked(text: str, words: Sequence[Word]) -> Iterator[Component | str]:
    """The text in pieces: what lies between words as it is, each word marked."""
    greatest = max((abs(word.effect) for word in words), default=0.0)
    position = 0
    for word in sorted(words, key=lambda word: word.start):
        yield text[position : word.start]
        yield _mark(text[word.start : word.end], word.effect, greatest)
        position = word.end
    yield text[position:]


def _mark(text: str, effect: float, greatest: float) -> Component | str:
    level = strength(effect, greatest)
    if level == 0:
        return text
    direction = "raised" if effect > 0 else "lowered"
    return html.Mark(
        [
            text,
            hidden_text(f" ({direction} it by {points(effect)[1:]})"),
        ],
        className=f"word word-{direction} word-{level}",
        title=f"{points(effect)} points",
    )


def _strongest(words: Sequence[Word]) -> list[Component]:
    raised = sorted((word for word in words if word.effect > 0), key=lambda word: -word.effect)
    lowered = sorted((word for word in words if word.effect < 0), key=lambda word: word.effect)
    lines = [("Raised it most", _named(raised)), ("Lowered it most", _named(lowered))]
    named = [
        html.Div([html.Dt(title), html.Dd(", ".join(names))]) for title, names in lines if names
    ]
    if not named:
        return [html.P("No single word moved the score much.", className="quiet")]
    return [html.Dl(named, className="strongest")]


def _named(words: Sequence[Word]) -> list[str]:
    strong = [word for word in words if abs(word.effect) >= SMALLEST_EFFECT]
    return [f"{word.text} ({points(word.effect)})" for word in strong[:NAMED_WORDS]]


def _legend() -> Component:
    return html.P(
        [
            html.Span("solid line", className="word word-raised word-2"),
            " raised the score  ",
            html.Span("broken line", className="word word-lowered word-2"),
            " lowered it. The stronger the tint, the more.",
        ],
        className="legend quiet",
    )
