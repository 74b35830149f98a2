"""Whether what comes in still looks like what the model was trained on."""

from dash import html
from dash.development.base_component import Component

from review_ui.admin.charts import Series, bar_chart
from review_ui.admin.insights.numbers import Drift, FeatureDrift, Level
from review_ui.admin.words import NOTHING, count_text, date_text, number_text, sentence

LEVEL_NAMES: dict[Level, str] = {
    "ok": "as in training",
    "watch": "moving",
    "drifted": "drifted",
    "unknown": "not known",
}
LEVEL_COLOURS: dict[Level, str] = {
    "ok": "success",
    "watch": "warning",
    "drifted": "danger",
    "unknown": "secondary",
}
FEATURE_NAMES = {
    "score": "Scores",
    "length": "Lengths in characters",
    "characters": "Kinds of characters",
    "language": "Languages",
    "class": "Ratings",
}


def drift_view(drift: Drift) -> Component:
    """How far each feature has moved, and what is suggested."""
    heading = html.Div(
        [html.H2("Drift", className="section-heading"), level_chip(drift.level)],
        className="heading-line",
    )
    return html.Section(
        [
            heading,
            html.P(_about(drift), className="quiet"),
            html.P(
                sentence(drift.suggestion or ""),
                className="alert alert-warning",
                hidden=not drift.suggestion,
            ),
            html.Div([_feature(feature) for feature in drift.features], className="charts"),
        ],
        className="drift",
    )


def level_chip(level: Level) -> Component:
    """The level in a word and a colour."""
    return html.Span(LEVEL_NAMES[level], className=f"chip chip-{LEVEL_COLOURS[level]}")


def _about(drift: Drift) -> str:
    if drift.version is None:
        return "There is no model in production to compare with."
    if drift.window is None:
        return f"Nothing has been compared with version {drift.version} yet."
    return (
        f"{count_text(drift.rows, 'review')} from {date_text(drift.window.since)} to "
        f"{date_text(drift.window.until)}, against what version {drift.version} was trained on."
    )


def _feature(feature: FeatureDrift) -> Component:
    psi = NOTHING if feature.psi is None else number_text(feature.psi, 3)
    distance = NOTHING if feature.jensen_shannon is None else number_text(feature.jensen_shannon, 3)
    return bar_chart(
        FEATURE_NAMES.get(feature.name, feature.name.capitalize()),
        feature.labels,
        [Series("Training", feature.training), Series("Lately", feature.recent)],
        summary=f"{LEVEL_NAMES[feature.level].capitalize()}: PSI {psi}, Jensen-Shannon {distance}.",
    )
