import pytest
from dash import html

from review_ui.admin.charts import (
    Series,
    agreement,
    axis_end,
    bar_chart,
    column_chart,
    matrix_chart,
    sparse,
)

SERIES = [Series("People", [3, 0, 5]), Series("Scraped", [1, 0, 0])]
COUNTS = {
    "bad": {"bad": 8, "average": 1, "good": 1},
    "average": {"bad": 0, "average": 0, "good": 0},
    "good": {"bad": 2, "average": 0, "good": 8},
}


def parts(view, kind):
    return [part for part in view._traverse() if isinstance(part, kind)]


def with_class(view, name):
    return [
        part for part in view._traverse() if name in str(getattr(part, "className", "")).split()
    ]


@pytest.mark.parametrize(
    ("largest", "unit", "end"),
    [
        (0, "count", 1),
        (1, "count", 2),
        (3, "count", 4),
        (7, "count", 10),
        (10, "count", 10),
        (41, "count", 50),
        (1001, "count", 2000),
        (0.42, "share", 0.5),
        (0.05, "share", 0.05),
        (1.0, "share", 1.0),
    ],
)
def test_an_axis_ends_at_a_round_number(largest, unit, end):
    assert axis_end(largest, unit) == pytest.approx(end)


@pytest.mark.parametrize(
    ("count", "shown"), [(0, []), (3, [0, 1, 2]), (4, [0, 1, 2, 3]), (30, [0, 10, 19, 29])]
)
def test_few_names_stand_below_many_columns(count, shown):
    assert sparse([str(at) for at in range(count)]) == [str(at) for at in shown]


def test_columns_are_as_high_as_their_share_of_the_axis():
    chart = column_chart("Reviews", ["Mon", "Tue", "Wed"], SERIES, summary="Nine in all.")
    heights = [
        [float(bar.style["--share"]) for bar in with_class(column, "chart-part")]
        for column in with_class(chart, "chart-column")
    ]
    # Scraped on top of people; the axis ends at five.
    assert heights == [[0.2, 0.6], [], [1.0]]


def test_a_chart_says_in_words_what_it_shows():
    chart = column_chart("Reviews", ["Mon", "Tue", "Wed"], SERIES, summary="Nine in all.")
    [plot] = with_class(chart, "chart-plot")
    assert (plot.role, getattr(plot, "aria-label")) == ("img", "Reviews. Nine in all.")
    assert with_class(chart, "chart-column")[0].title == "Mon: People 3, Scraped 1"


def test_a_chart_has_its_numbers_in_a_table(texts):
    chart = column_chart("Reviews", ["Mon", "Tue", "Wed"], SERIES, summary="")
    [table] = parts(chart, html.Table)
    assert texts(table)[1:] == [
        "People",
        "Scraped",
        "Mon",
        "3",
        "1",
        "Tue",
        "0",
        "0",
        "Wed",
        "5",
        "0",
    ]


def test_one_series_needs_no_legend():
    alone = column_chart("Scores", ["low", "high"], [Series("Reviews", [1, 2])], summary="")
    assert with_class(alone, "chart-legend") == []
    assert with_class(column_chart("Both", ["a", "b", "c"], SERIES, summary=""), "chart-legend")


def test_bars_have_their_numbers_beside_them(texts):
    series = [Series("Training", [0.9, 0.045]), Series("Lately", [0.5, 0.5])]
    chart = bar_chart("Languages", ["en", "de"], series, summary="")
    numbers = [texts(number) for number in with_class(chart, "chart-number")]
    assert numbers == [["90\u00a0%"], ["50\u00a0%"], ["4.5\u00a0%"], ["50\u00a0%"]]


def test_a_chart_without_numbers_is_drawn_all_the_same():
    assert column_chart("Scores", ["a"], [Series("Reviews", [0])], summary="")
    assert bar_chart("Nothing", [], [Series("Reviews", [])], summary="")


def test_a_matrix_shades_each_number_by_its_share_of_the_row(texts):
    matrix = matrix_chart("Ratings", "chosen", "model", COUNTS, summary="")
    first = matrix_row(matrix, 0)
    assert [texts(cell) for cell in first] == [
        ["8", "80\u00a0%"],
        ["1", "10\u00a0%"],
        ["1", "10\u00a0%"],
    ]
    assert [cell.style["--share"] for cell in first] == ["36%", "5%", "5%"]
    assert [cell.style["--share"] for cell in matrix_row(matrix, 1)] == ["0%"] * 3
    assert [cell.className for cell in first] == ["matrix-agreement", *["matrix-difference"] * 2]


def matrix_row(matrix, number):
    return parts(parts(parts(matrix, html.Tbody)[0], html.Tr)[number], html.Td)


def test_agreement_is_the_share_of_the_diagonal():
    assert agreement(COUNTS) == pytest.approx(0.8)
    assert agreement({"bad": {"bad": 0}}) is None
