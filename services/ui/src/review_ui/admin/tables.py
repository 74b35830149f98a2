"""Plain tables that turn into cards on a phone, and what stands where there is nothing."""

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from review_ui.elements import aria, hidden_text

# What may stand in a cell.
Cell = Any


def table_view(
    caption: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]], *, actions: bool = False
) -> Component:
    """A table whose rows have a cell a column; with `actions`, one more for their buttons."""
    names = [*columns, "Actions"] if actions else list(columns)
    headings = [html.Th(name, scope="col") for name in columns]
    if actions:
        headings.append(html.Th(hidden_text("Actions"), scope="col"))
    return html.Table(
        [
            html.Caption(caption, className="visually-hidden"),
            html.Thead(html.Tr(headings)),
            html.Tbody([_row(names, row, actions=actions) for row in rows]),
        ],
        className="review-table owner-table",
    )


def empty_view(title: str, hint: str) -> Component:
    """What stands in the place of a list that has nothing."""
    return html.Div([html.H2(title), html.P(hint)], className="empty")


def facts_view(facts: Iterable[tuple[str, Cell]]) -> Component:
    """Names and what they are, one below the other."""
    return html.Dl(
        [html.Div([html.Dt(name), html.Dd(value)]) for name, value in facts], className="facts"
    )


def pager_view(name: str, previous: str | None, following: str | None) -> Component | None:
    """Links to the pages around this one, by their addresses; nothing where it is the only one."""
    if previous is None and following is None:
        return None
    return html.Nav(
        [_turn("Newer", previous), _turn("Older", following)],
        className="pager",
        **aria(label=name),
    )


def cursor_address(cursor: str | None) -> str | None:
    """The address of the page that a cursor begins, where the list is all that a page has."""
    return f"?{urlencode({'cursor': cursor})}" if cursor else None


def _turn(name: str, address: str | None) -> Component:
    if address is None:
        return html.Span(name, className="btn btn-quiet disabled")
    return html.A(name, href=address, className="btn btn-quiet")


def _row(names: Sequence[str], cells: Sequence[Cell], *, actions: bool) -> Component:
    last = len(cells) - 1
    return html.Tr(
        [
            html.Td(
                [html.Span(name, className="cell-name"), html.Div(cell, className="cell")],
                className="cell-actions" if actions and at == last else None,
            )
            for at, (name, cell) in enumerate(zip(names, cells, strict=True))
        ]
    )
