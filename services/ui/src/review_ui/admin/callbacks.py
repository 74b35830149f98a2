"""What happens on the owner's page.

The browser's own part (which reviews are asked for) is in assets/admin.js; here are the
wires to it, and what the server asks the review API for.
"""

from typing import Any
from urllib.parse import urlencode

from dash import ALL, Dash, Input, Output, State, no_update, set_props
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate
from flask import request
from pydantic import BaseModel

from review_ui.admin.page import (
    EXPORT_FAILED,
    EXPORT_PATH,
    admin_page,
    login_view,
    reviews_view,
    unavailable_view,
)
from review_ui.admin.query import ReviewQuery
from review_ui.admin.session import (
    browser_session,
    forget_session,
    hand_over_session,
    has_session_cookie,
)
from review_ui.admin.table import failed_view, found_text, table_view
from review_ui.api_client import ReviewApi, ReviewPage, SessionEndedError
from review_ui.browser_callbacks import run_in_browser
from review_ui.upstream import RefusedError, UnavailableError
from review_ui.visitor import visitor_of

SESSION_ENDED = "Your session has ended. Please log in again."


class Doomed(BaseModel):
    """The review that the owner is asked about before it is deleted."""

    review: int


def show_admin_page(api: ReviewApi, search: str) -> Component:
    """The page as it is for whoever opens it: the reviews, or the login.

    `search` is the address's query, in which an export that failed leaves a word.
    """
    try:
        owner = api.owner(browser_session())
    except SessionEndedError:
        return admin_page(_ended_session_view())
    except (UnavailableError, RefusedError):
        return admin_page(unavailable_view())
    return admin_page(reviews_view(owner.username, export_failed=EXPORT_FAILED in search))


def register_admin_callbacks(app: Dash, api: ReviewApi) -> None:
    """Wire the page up."""
    _register_session(app, api)
    _register_query(app)
    _register_table(app, api)
    _register_deletion(app, api)


def export_address(query: ReviewQuery) -> str:
    """Where everything that `query` finds can be had as CSV."""
    return f"{EXPORT_PATH}?{urlencode(query.selection(), doseq=True)}"


def login_failure(error: UnavailableError | RefusedError) -> str:
    """Why nobody was logged in, in plain words."""
    if isinstance(error, UnavailableError):
        return "The review API does not answer just now. Try again in a moment."
    if error.retry_after is not None:
        return f"Too many attempts. Try again in {error.retry_after} seconds."
    return "User name or password is wrong."


def _register_session(app: Dash, api: ReviewApi) -> None:
    @app.callback(
        Output("admin", "children"),
        Output("login-failure", "children"),
        Output("login-failure", "hidden"),
        Input("login-form", "n_submit"),
        State("username", "value"),
        State("password", "value"),
        running=[(Output("login", "disabled"), True, False)],
        prevent_initial_call=True,
    )
    def log_in(_submits: int, username: str | None, password: str | None) -> tuple[Any, Any, Any]:
        try:
            address = visitor_of(request).ip_address
            hand_over_session(api.log_in(username or "", password or "", address))
        except (UnavailableError, RefusedError) as error:
            return no_update, login_failure(error), False
        return reviews_view(username or ""), no_update, no_update

    @app.callback(Input("logout", "n_clicks"), prevent_initial_call=True)
    def log_out(clicks: int | None) -> None:
        if not clicks:
            return
        try:
            api.log_out(browser_session())
        except SessionEndedError:
            pass
        except (UnavailableError, RefusedError):
            _say("You could not be logged out just now. Try again in a moment.", "warning")
            return
        forget_session()
        _show(login_view("You are logged out."))


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
            _show(_ended_session_view())
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
            _show(_ended_session_view())
            return {"review": None}
        except (UnavailableError, RefusedError):
            _say("The review could not be deleted just now. Try again in a moment.", "warning")
            return {"review": None}
        _say("The review is deleted.", "success")
        return {"review": number}


def _ended_session_view() -> Component:
    if not has_session_cookie():
        return login_view()
    forget_session()
    return login_view(SESSION_ENDED)


def _show(content: Component) -> None:
    """Put another state of the page in place of the present one."""
    set_props("admin", {"children": content})


def _say(message: str, kind: str) -> None:
    set_props("admin-message", {"children": message, "className": f"alert alert-{kind}"})
