"""Small charts as markup, from numbers alone: they need no script and follow the theme.

Each says in words what it shows, and has its numbers in a table that can be opened.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Literal

from dash import html
from dash.development.base_component import Component

from review_ui.admin.words import PERCENT, number_text, share_text
from review_ui.elements import aria

# How many names fit below the columns of a chart on a phone.
MOST_NAMES = 4
# Axes end at one of these times a power of ten.
ROUND_ENDS = (1, 2, 4, 5, 10)
# Percent of a full colour behind a number that has all of its row: more would hide the number.
DARKEST = 45
# From so many percent on, decimals say nothing.
WHOLE_FROM = 10

Unit = Literal["count", "share"]


@dataclass(frozen=True)
class Series:
    """Numbers that belong together, one a label of the chart."""

    name: str
    values: Sequence[float]


def axis_end(largest: float, unit: Unit = "count") -> float:
    """The round number at which an axis ends that has to reach the largest value."""
    if largest <= 0:
        return 1
    power = 10.0 ** floor(log10(largest))
    end = next(step * power for step in ROUND_ENDS if step * power >= largest * (1 - 1e-9))
    # Half of it is shown too, and there are no halves of things.
    return max(end, 2) if unit == "count" else end


def column_chart(
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    summary: str,
    unit: Unit = "count",
    names: Sequence[str] | None = None,
) -> Component:
    """Columns side by side, the series stacked in each; `names` are those below the columns."""
    totals = [sum(values) for values in zip(*(one.values for one in series), strict=True)]
    end = axis_end(max(totals, default=0), unit)
    columns = [
        _column(label, [(one.name, one.values[at]) for one in series], end, unit)
        for at, label in enumerate(labels)
    ]
    shown = sparse(labels) if names is None else names
    plot = html.Div(
        [
            html.Div(
                [html.Span(_text(value, unit)) for value in (end, end / 2, 0)],
                className="chart-axis",
            ),
            html.Div(columns, className="chart-columns"),
            html.Div([html.Span(name) for name in shown], className="chart-names"),
        ],
        className="chart-plot",
        role="img",
        **aria(label=f"{title}. {summary}"),
    )
    return _figure(title, summary, _legend(series), plot, _numbers(title, labels, series, unit))


def bar_chart(
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    summary: str,
    unit: Unit = "share",
) -> Component:
    """Bars one below the other, the series of a label together, their numbers beside them."""
    end = axis_end(max((value for one in series for value in one.values), default=0), unit)
    rows = [
        _bars(label, [one.values[at] for one in series], end, unit)
        for at, label in enumerate(labels)
    ]
    plot = html.Div(rows, className="chart-bars", role="img", **aria(label=f"{title}. {summary}"))
    return _figure(title, summary, _legend(series), plot, _numbers(title, labels, series, unit))


def matrix_chart(
    title: str,
    rows_are: str,
    columns_are: str,
    counts: Mapping[str, Mapping[str, int]],
    *,
    summary: str,
) -> Component:
    """A table of counts, each shaded by its share of its row."""
    columns = list(counts)
    heading = html.Tr(
        [
            html.Td([f"{rows_are} ↓", html.Br(), f"{columns_are} →"], className="quiet"),
            *(html.Th(name.capitalize(), scope="col") for name in columns),
        ]
    )
    rows = [_matrix_row(name, counts[name], columns) for name in columns]
    table = html.Table(
        [
            html.Caption(
                f"{title}: rows {rows_are}, columns {columns_are}", className="visually-hidden"
            ),
            html.Thead(heading),
            html.Tbody(rows),
        ],
        className="matrix",
    )
    return _figure(title, summary, None, table, None)


def sparse(labels: Sequence[str]) -> Sequence[str]:
    """The first, the last and some labels between them, evenly apart."""
    if len(labels) <= MOST_NAMES:
        return labels
    step = (len(labels) - 1) / (MOST_NAMES - 1)
    return [labels[round(at * step)] for at in range(MOST_NAMES)]


def agreement(counts: Mapping[str, Mapping[str, int]]) -> float | None:
    """The share that stands on a matrix's diagonal."""
    total = sum(sum(row.values()) for row in counts.values())
    return sum(counts[name].get(name, 0) for name in counts) / total if total else None


def _column(label: str, parts: Sequence[tuple[str, float]], end: float, unit: Unit) -> Component:
    said = ", ".join(f"{name} {_text(value, unit)}" for name, value in parts)
    bars = [
        html.Span(className=f"chart-part series-{at}", style={"--share": f"{value / end:.4f}"})
        for at, (_name, value) in enumerate(parts)
        if value
    ]
    # The first series is at the bottom.
    return html.Div(bars[::-1], className="chart-column", title=f"{label}: {said}")


def _bars(label: str, values: Sequence[float], end: float, unit: Unit) -> Component:
    bars = [
        html.Div(
            [
                html.Span(
                    className=f"chart-bar series-{at}", style={"--share": f"{value / end:.4f}"}
                ),
                html.Span(_text(value, unit), className="chart-number"),
            ],
            className="chart-line",
        )
        for at, value in enumerate(values)
    ]
    return html.Div(
        [html.Span(label, className="chart-label"), html.Div(bars)], className="chart-row"
    )


def _matrix_row(name: str, row: Mapping[str, int], columns: Sequence[str]) -> Component:
    total = sum(row.values())
    cells = [
        _matrix_cell(row.get(column, 0), total, is_agreement=column == name) for column in columns
    ]
    return html.Tr([html.Th(name.capitalize(), scope="row"), *cells])


def _matrix_cell(count: int, total: int, *, is_agreement: bool) -> Component:
    share = count / total if total else 0
    return html.Td(
        [html.Span(number_text(count)), html.Span(share_text(share), className="matrix-share")],
        className="matrix-agreement" if is_agreement else "matrix-difference",
        style={"--share": f"{ceil(DARKEST * share)}%"},
    )


def _figure(
    title: str,
    summary: str,
    legend: Component | None,
    plot: Component,
    numbers: Component | None,
) -> Component:
    heading = html.Div(
        [html.H2(title, className="card-heading"), html.P(summary, className="quiet")]
    )
    parts = [html.Figcaption(heading), legend, plot, numbers]
    return html.Figure([part for part in parts if part is not None], className="card chart")


def _legend(series: Sequence[Series]) -> Component | None:
    if len(series) == 1:
        return None
    keys = [
        html.Span([html.Span(className=f"chart-key series-{at}"), one.name])
        for at, one in enumerate(series)
    ]
    return html.Div(keys, className="chart-legend")


def _numbers(title: str, labels: Sequence[str], series: Sequence[Series], unit: Unit) -> Component:
    rows = [
        html.Tr(
            [
                html.Th(label, scope="row"),
                *(html.Td(_text(one.values[at], unit)) for one in series),
            ]
        )
        for at, label in enumerate(labels)
    ]
    headings = [html.Td(), *(html.Th(one.name, scope="col") for one in series)]
    table = html.Table(
        [
            html.Caption(f"{title} in numbers", className="visually-hidden"),
            html.Thead(html.Tr(headings)),
            html.Tbody(rows),
        ],
        className="chart-table",
    )
    return html.Details([html.Summary("The numbers"), table], className="chart-numbers")


def _text(value: float, unit: Unit) -> str:
    """A number as its chart writes it; small shares have a decimal where they need one."""
    if unit == "count":
        return number_text(value)
    percent = 100 * value
    return f"{round(percent, 0 if percent >= WHOLE_FROM else 1):g}{PERCENT}"
