"""The page Insights: how many reviews come, how they read, and whether the model keeps up."""

from collections.abc import Sequence
from itertools import pairwise

from dash import html
from dash.development.base_component import Component

from review_ui.admin.charts import Series, agreement, column_chart, matrix_chart
from review_ui.admin.insights.drift import drift_view
from review_ui.admin.insights.numbers import (
    BrandNumbers,
    Counts,
    Day,
    Insights,
    Totals,
    fetch_drift,
    fetch_insights,
)
from review_ui.admin.shell import Arguments, OwnerPage
from review_ui.admin.tables import empty_view
from review_ui.admin.words import NOTHING, count_text, number_text, sentence, share_text
from review_ui.elements import aria
from review_ui.owner_calls import OwnerCalls
from review_ui.review.score import percent
from review_ui.upstream import RefusedError

PERIODS = (7, 30, 90, 365)
USUAL_PERIOD = 30
# So many columns can be told apart on a phone.
MOST_DAYS = 92
DAYS_OF_A_WEEK = 7
# Scores are counted in tenths; these are the high ones.
HIGH_FROM = 7


def insights_page(calls: OwnerCalls, arguments: Arguments) -> Component:
    """The page for the period that the address names."""
    days = period_of(arguments)
    insights = fetch_insights(calls, days)
    return html.Div(
        [_periods(days), totals_view(insights.totals), insights_view(insights), _drift(calls)]
    )


INSIGHTS = OwnerPage("/admin/insights", "Insights", insights_page)


def period_of(arguments: Arguments) -> int:
    """The days that the address asks for, where they are some that the page offers."""
    asked = arguments.get("days", "")
    return int(asked) if asked in map(str, PERIODS) else USUAL_PERIOD


def totals_view(totals: Totals) -> Component:
    """The largest numbers in a line."""
    numbers = {
        "written by people": totals.people,
        "scraped": totals.scraped,
        "not scored yet": totals.unscored,
        "held back from training": totals.quarantined,
    }
    return html.Dl(
        [
            html.Div([html.Dt(name), html.Dd(number_text(number))])
            for name, number in numbers.items()
        ],
        className="totals",
    )


def insights_view(insights: Insights) -> Component:
    """The charts of the reviews, or a word where there are none."""
    if not any(day.people or day.scraped for day in insights.days):
        return empty_view(
            "No reviews in this time", "Charts appear here as soon as somebody writes one."
        )
    return html.Div(
        [
            _days(insights.days),
            _scores(insights.scores),
            _matrix(
                "Rating against the model",
                "What people chose, against what the model makes of the text.",
                "chosen",
                "model",
                insights.matrix,
            ),
            _matrix(
                "Rating against the suggestion",
                "What people chose, against what was suggested to them.",
                "chosen",
                "shown",
                insights.suggested,
            ),
            _brands(insights.brands),
        ],
        className="charts",
    )


def _periods(days: int) -> Component:
    links = [
        html.A(
            f"{period} days",
            href=f"?days={period}",
            className="owner-tab",
            **(aria(current="true") if period == days else {}),
        )
        for period in PERIODS
    ]
    return html.Nav(links, className="owner-tabs periods", **aria(label="Period"))


def weekly(days: Sequence[Day]) -> list[Day]:
    """The sums of seven days each, by their first; the last week may be shorter."""
    weeks = [days[at : at + DAYS_OF_A_WEEK] for at in range(0, len(days), DAYS_OF_A_WEEK)]
    return [
        Day(
            date=week[0].date,
            people=sum(day.people for day in week),
            scraped=sum(day.scraped for day in week),
        )
        for week in weeks
    ]


def _days(days: Sequence[Day]) -> Component:
    people, scraped = sum(day.people for day in days), sum(day.scraped for day in days)
    by_week = len(days) > MOST_DAYS
    shown = weekly(days) if by_week else days
    return column_chart(
        "Reviews a week" if by_week else "Reviews a day",
        [f"{day.date:%-d %b}" for day in shown],
        [
            Series("People", [day.people for day in shown]),
            Series("Scraped", [day.scraped for day in shown]),
        ],
        summary=f"{people:,} by people, {scraped:,} scraped in {count_text(len(days), 'day')}.",
    )


def _scores(scores: Sequence[int]) -> Component:
    edges = [percent(at / len(scores)) for at in range(len(scores) + 1)]
    labels = [f"{low} to {high} %" for low, high in pairwise(edges)]
    total = sum(scores)
    share = share_text(sum(scores[HIGH_FROM:]) / total) if total else NOTHING
    scored = count_text(total, "review")
    return column_chart(
        "The model's scores",
        labels,
        [Series("Reviews", scores)],
        summary=f"{scored} scored; {share} of them at {10 * HIGH_FROM} % or more.",
        names=("0 %", "50 %", "100 %"),
    )


def _matrix(title: str, about: str, rows_are: str, columns_are: str, counts: Counts) -> Component:
    agreed = agreement(counts)
    verdict = (
        "Nothing to compare yet." if agreed is None else f"They agree in {share_text(agreed)}."
    )
    return matrix_chart(title, rows_are, columns_are, counts, summary=f"{about} {verdict}")


def _brands(brands: Sequence[BrandNumbers]) -> Component:
    rows = [
        html.Tr(
            [
                html.Th(brand.brand, scope="row"),
                html.Td(number_text(brand.reviews)),
                html.Td(number_text(brand.mean_rating, 1)),
                html.Td(share_text(brand.mean_score)),
            ]
        )
        for brand in brands
    ]
    columns = ("Brand", "Reviews", "Mean rating", "Mean score")
    table = html.Table(
        [
            html.Caption("Brands", className="visually-hidden"),
            html.Thead(html.Tr([html.Th(name, scope="col") for name in columns])),
            html.Tbody(rows),
        ],
        className="chart-table brands",
    )
    heading = html.Div(
        [
            html.H2("Brands", className="card-heading"),
            html.P(f"The {len(brands)} with most reviews.", className="quiet"),
        ]
    )
    return html.Section([heading, table], className="card chart-wide brand-card")


def _drift(calls: OwnerCalls) -> Component:
    """The drift; an API that has none yet says why."""
    try:
        return drift_view(fetch_drift(calls))
    except RefusedError as refusal:
        return html.P(sentence(refusal.reason), className="quiet")
