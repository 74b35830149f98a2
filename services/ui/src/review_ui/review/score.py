"""How the model's score is shown: percent, word, bar, colour."""

from dash import html
from dash.development.base_component import Component

from review_ui.elements import aria
from review_ui.model_client import Label, Score

COLOURS: dict[Label, str] = {"good": "success", "average": "warning", "bad": "danger"}
WORDS: dict[Label, str] = {"good": "Good", "average": "Average", "bad": "Bad"}


# Where the model's score changes from one label to the next.
NO_NUMBER = "\N{EN DASH}"

GOOD_FROM = 0.67
BAD_UP_TO = 0.33


def label_of(score: float) -> Label:
    """The label that a score stands for, where only the score was kept."""
    if score >= GOOD_FROM:
        return "good"
    return "bad" if score <= BAD_UP_TO else "average"


def percent(score: float) -> int:
    """A score from 0 to 1 as whole percent."""
    return round(100 * score)


def score_view(score: Score) -> Component:
    """The score of the text as it is."""
    return _reading(
        number=f"{percent(score.score)}%",
        label=WORDS[score.label],
        colour=COLOURS[score.label],
        width=percent(score.score),
        note=f"Suggested rating: {score.rating} of 5 · model {score.model_version}",
    )


def empty_view() -> Component:
    """What is shown before the first word."""
    return _reading(
        number=NO_NUMBER,
        label="Nothing to read yet",
        colour="secondary",
        width=0,
        note="Start writing: the reading follows your words.",
    )


def unknown_view() -> Component:
    """What is shown when a text could not be scored: no number rather than an old one."""
    return _reading(
        number=NO_NUMBER,
        label="Not available",
        colour="secondary",
        width=0,
        note="You can submit your review all the same; it is scored later.",
    )


def announcement(score: Score) -> str:
    """What a screen reader says when the score has come to rest."""
    return (
        f"Sentiment {percent(score.score)} percent, {WORDS[score.label].lower()}. "
        f"Suggested rating {score.rating} of 5."
    )


def _reading(number: str, label: str, colour: str, width: int, note: str) -> Component:
    return html.Div(
        [
            html.Div(
                [
                    html.Span(number, id="score-percent", className="score-percent"),
                    html.Span(label, id="score-label", className=f"chip chip-{colour}"),
                ],
                className="score-line",
            ),
            _bar(width, colour, f"{number}, {label}"),
            html.P(note, id="score-note", className="quiet"),
        ],
        className="score-none" if number == NO_NUMBER else "",
    )


def _bar(width: int, colour: str, text: str) -> Component:
    return html.Div(
        html.Div(className=f"progress-bar bg-{colour}", style={"width": f"{width}%"}),
        id="score-bar",
        className="progress score-bar",
        role="meter",
        **aria(
            label="Sentiment", valuemin="0", valuemax="100", valuenow=str(width), valuetext=text
        ),
    )
