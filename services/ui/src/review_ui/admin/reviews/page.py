"""The layout of the page of the reviews."""

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from review_ui.admin.reviews.query import SORT_NAMES, ReviewQuery
from review_ui.elements import aria, icon, loading

EXPORT_PATH = "/admin/reviews.csv"
EXPORT_FAILED = "export=failed"


def reviews_view(*, export_failed: bool = False) -> Component:
    """The reviews: filters, table, pages, and the dialog that asks before deleting."""
    return html.Div(
        [
            dcc.Store(id="query", data=ReviewQuery().model_dump(mode="json")),
            dcc.Store(id="cursors", data={"previous": None, "next": None}),
            dcc.Store(id="doomed"),
            dcc.Store(id="deleted"),
            html.P(
                "The export did not work. Try again in a moment.",
                className="alert alert-warning",
                role="status",
                hidden=not export_failed,
            ),
            _filters(),
            _table_bar(),
            html.Div(loading("Loading the reviews…"), id="reviews", className="reviews"),
            _pager(),
            _delete_dialog(),
        ]
    )


def _field(label: str, name: str, **properties: str) -> list[Component]:
    field: Component = dbc.Input(id=name, name=name, **{"type": "text", **properties})
    return [html.Label(label, htmlFor=name, className="form-label"), field]


def _filters() -> Component:
    fields = [
        html.Div(_field("Brand", "filter-brand", placeholder="Whole name")),
        html.Div(_field("Words in the text", "filter-text")),
        html.Div(_field("From", "filter-since", type="date")),
        html.Div(_field("To", "filter-until", type="date")),
        _rating_filter(),
        html.Div(
            [
                html.Button("Apply filters", type="submit", className="btn btn-primary"),
                html.Button("Clear", id="clear", type="button", className="btn btn-quiet"),
            ],
            className="filter-buttons",
        ),
    ]
    return html.Section(
        dbc.Form(fields, id="filters", class_name="card filters"), **aria(label="Filters")
    )


def _rating_filter() -> Component:
    return html.Fieldset(
        [
            html.Legend("Rating", className="form-label"),
            dbc.Checklist(
                id="filter-rating",
                options=[{"label": str(stars), "value": stars} for stars in range(1, 6)],
                value=[],
                inline=True,
            ),
        ]
    )


def _table_bar() -> Component:
    return html.Div(
        [
            html.P("", id="found", role="status", className="found"),
            html.Div(
                [
                    html.Label("Sort by", htmlFor="sort", className="quiet"),
                    dbc.Select(
                        id="sort",
                        options=[{"label": SORT_NAMES[sort], "value": sort} for sort in SORT_NAMES],
                        value=ReviewQuery().sort,
                    ),
                    html.A(
                        [
                            icon("download"),
                            "Export CSV",
                        ],
                        id="export",
                        href=EXPORT_PATH,
                        className="btn btn-quiet",
                    ),
                ],
                className="table-tools",
            ),
        ],
        className="table-bar",
    )


def _pager() -> Component:
    return html.Nav(
        [
            html.Button(
                "Newer", id="previous", type="button", className="btn btn-quiet", disabled=True
            ),
            html.Button(
                "Older", id="next", type="button", className="btn btn-quiet", disabled=True
            ),
        ],
        className="pager",
        **aria(label="Pages of reviews"),
    )


def _delete_dialog() -> Component:
    dialog: Component = dbc.Modal(
        [
            dbc.ModalBody(
                [
                    html.H2("Delete this review?", id="delete-title"),
                    html.P(id="delete-about", className="delete-about"),
                    html.P(
                        "It leaves the table and every later export. This cannot be undone.",
                        className="quiet",
                    ),
                    html.Div(
                        [
                            html.Button(
                                "Keep it", id="keep", type="button", className="btn btn-quiet"
                            ),
                            html.Button(
                                "Delete it", id="delete", type="button", className="btn btn-danger"
                            ),
                        ],
                        className="dialog-buttons",
                    ),
                ]
            )
        ],
        id="delete-dialog",
        is_open=False,
        centered=True,
        labelledby="delete-title",
    )
    return dialog
