"""How the versions in use do on live traffic, side by side."""

from dash import html
from dash.development.base_component import Component

from review_ui.admin.charts import Series, bar_chart
from review_ui.admin.models.registry import Comparison, Measured
from review_ui.admin.models.words import role_chip
from review_ui.admin.tables import table_view
from review_ui.admin.words import NOTHING, date_text, number_text, share_text
from review_ui.review.score import percent

# So many versions can be told apart in one chart.
MOST_IN_CHART = 2


def comparison_view(comparison: Comparison) -> Component:
    """A table of the numbers, and the scores as a chart."""
    heading = html.Div(
        [
            html.H2("On live traffic", className="section-heading"),
            html.Span(f"since {date_text(comparison.since)}", className="quiet"),
        ],
        className="heading-line",
    )
    if not comparison.versions:
        nothing = html.P("No review has been scored in this time.", className="quiet")
        return html.Section([heading, nothing], className="section")
    columns = (
        *("Version", "Answers", "Success", "Median", "99 % within", "Rated reviews"),
        "Agreement with people",
    )
    rows = [_row(measured) for measured in comparison.versions]
    table = table_view("Versions on live traffic", columns, rows)
    return html.Section([heading, table, *_scores(comparison)], className="section")


def score_shares(measured: Measured) -> list[float]:
    """How the scores are spread, as shares."""
    total = sum(measured.scores) or 1
    return [count / total for count in measured.scores]


def _row(measured: Measured) -> tuple[Component | str, ...]:
    role = [role_chip(measured.role)] if measured.role else []
    version = html.Div(
        [html.Span(measured.version, className="cell-brand"), *role], className="cell-lines"
    )
    return (
        version,
        number_text(measured.answers),
        share_text(measured.success_rate, 1),
        _milliseconds(measured.p50_ms),
        _milliseconds(measured.p99_ms),
        number_text(measured.rated),
        share_text(measured.agreement, 1),
    )


def _milliseconds(number: float | None) -> str:
    return NOTHING if number is None else f"{number:,.0f} ms"


def _scores(comparison: Comparison) -> list[Component]:
    shown = [one for one in comparison.versions if sum(one.scores)][:MOST_IN_CHART]
    if not shown:
        return []
    parts = len(shown[0].scores)
    labels = [f"{percent(at / parts)} to {percent((at + 1) / parts)} %" for at in range(parts)]
    series = [
        Series(f"{one.version} ({one.role})" if one.role else one.version, score_shares(one))
        for one in shown
    ]
    chart = bar_chart(
        "Scores", labels, series, summary="How each version's scores on live reviews are spread."
    )
    return [chart]
