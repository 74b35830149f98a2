"""What happens on the page of the reviews.

The browser's own part (which reviews are asked for) is in assets/admin.js; here are the
wires to it, and what the server asks the review API for.
"""

from typing import Any
from urllib.parse import urlencode

from dash import ALL, Dash, Input, Output, State
from dash.exceptions import PreventUpdate
from pydantic import BaseModel

from review_ui.admin.reviews.page import EXPORT_FAILED, EXPORT_PATH, reviews_view
from review_ui.admin.reviews.query import ReviewQuery
from review_ui.admin.reviews.table import failed_view, found_text, table_view
from review_ui.admin.session import browser_session, show_ended_session
from review_ui.admin.shell import OwnerPage, say
from review_ui.api_client import ReviewApi, ReviewPage
from review_ui.browser_callbacks import run_in_browser
from review_ui.owner_calls import SessionEndedError
from review_ui.upstream import RefusedError, UnavailableError

EXPORT_NAME, EXPORT_VALUE = EXPORT_FAILED.split("=")
REVIEWS = OwnerPage(
    "/admin",
    "Reviews",
    lambda _calls, arguments: reviews_view(
        export_failed=arguments.get(EXPORT_NAME) == EXPORT_VALUE
    ),
)
"""The page; a word in its address says that an export failed."""


class Doomed(BaseModel):
    """The review that the owner is asked about before it is deleted."""

    review: int


def register_reviews(app: Dash, api: ReviewApi) -> None:
    """Wire the page up."""
    _register_query(app)
    _register_table(app, api)
    _register_deletion(app, api)


def export_address(query: ReviewQuery) -> str:
    """Where everything that `query` finds can be had as CSV."""
    return f"{EXPORT_PATH}?{urlencode(query.selection(), doseq=True)}"


def _register_query(app: Dash) -> None:
    run_in_browser(
        app,
        "admin.ask",
        Output("query", "data"),
        Input("filters", "n_submit"),
        Input("clear", "n_clicks"),
        Input("sort", "value"),
        Input("previous", "n_clicks"),
        Input("next", "n_clicks"),
        Input("deleted", "data"),
        State("filter-brand", "value"),
        State("filter-text", "value"),
        State("filter-rating", "value"),
        State("filter-since", "value"),
        State("filter-until", "value"),
        State("cursors", "data"),
        State("query", "data"),
        prevent_initial_call=True,
    )
    run_in_browser(
        app,
        "admin.reload",
        Input("reload", "n_clicks"),
        State("query", "data"),
        prevent_initial_call=True,
    )


def _register_table(app: Dash, api: ReviewApi) -> None:
    @app.callback(
        output={
            "table": Output("reviews", "children"),
            "found": Output("found", "children"),
            "cursors": Output("cursors", "data"),
            "no_previous": Output("previous", "disabled"),
            "no_next": Output("next", "disabled"),
            "previous": Output("previous", "children"),
            "next": Output("next", "children"),
            "export": Output("export", "href"),
        },
        inputs=[Input("query", "data")],
        running=[(Output("reviews", "className"), "reviews is-loading", "reviews")],
    )
    def load_reviews(asked: dict[str, Any]) -> dict[str, Any]:
        query = ReviewQuery.model_validate(asked)
        try:
            page = api.find_reviews(browser_session(), query.page())
        except SessionEndedError:
            show_ended_session()
            return table_state(ReviewPage(), query)
        except (UnavailableError, RefusedError):
            return table_state(ReviewPage(), query) | {"table": failed_view(), "found": ""}
        return table_state(page, query)


def table_state(page: ReviewPage, query: ReviewQuery) -> dict[str, Any]:
    """What a page of reviews sets on the page: table, count, buttons, export link."""
    previous_name, next_name = query.turn_names
    return {
        "table": table_view(page, query),
        "found": found_text(page, query),
        "cursors": {"previous": page.previous, "next": page.next},
        "no_previous": page.previous is None,
        "no_next": page.next is None,
        "previous": previous_name,
        "next": next_name,
        "export": export_address(query),
    }


def _register_deletion(app: Dash, api: ReviewApi) -> None:
    run_in_browser(
        app,
        "admin.askBeforeDeleting",
        Output("delete-dialog", "is_open"),
        Output("delete-about", "children"),
        Output("doomed", "data"),
        Input({"type": "delete", "review": ALL, "about": ALL}, "n_clicks"),
        Input("keep", "n_clicks"),
        Input("deleted", "data"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output("deleted", "data"),
        Input("delete", "n_clicks"),
        State("doomed", "data"),
        running=[(Output("delete", "disabled"), True, False)],
        prevent_initial_call=True,
    )
    def delete_review(clicks: int | None, doomed: dict[str, Any]) -> dict[str, int | None]:
        if not clicks:
            raise PreventUpdate
        number = Doomed.model_validate(doomed).review
        try:
            api.delete_review(browser_session(), number)
        except SessionEndedError:
            show_ended_session()
            return {"review": None}
        except (UnavailableError, RefusedError):
            say("The review could not be deleted just now. Try again in a moment.", "warning")
            return {"review": None}
        say("The review is deleted.", "success")
        return {"review": number}
