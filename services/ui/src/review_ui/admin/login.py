"""Who is let in: the pages as they are for whoever opens them, logging in and logging out."""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import Dash, Input, Output, State, no_update
from dash.development.base_component import Component
from flask import request

from review_ui.admin.session import (
    browser_session,
    ended_session_view,
    forget_session,
    hand_over_session,
    show,
)
from review_ui.admin.shell import (
    OwnerPage,
    admin_page,
    content_of,
    login_view,
    owner_view,
    page_at,
    say,
    unavailable_view,
)
from review_ui.api_client import ReviewApi
from review_ui.owner_calls import SESSION_COOKIE, Owners, SessionEndedError
from review_ui.upstream import RefusedError, UnavailableError
from review_ui.visitor import visitor_of


def show_owner_page(
    api: ReviewApi, owners: Owners, pages: Sequence[OwnerPage], page: OwnerPage, search: str
) -> Component:
    """The page as it is for whoever opens it: its content, or the login."""
    try:
        session = browser_session()
        owner = api.owner(session)
        content = content_of(page, owners.calls_of(session), search)
    except SessionEndedError:
        return admin_page(ended_session_view())
    except (UnavailableError, RefusedError):
        return admin_page(unavailable_view(f"{page.path}{search}"))
    return admin_page(owner_view(page, pages, owner.username, search, content))


def login_failure(error: UnavailableError | RefusedError) -> str:
    """Why nobody was logged in, in plain words."""
    if isinstance(error, UnavailableError):
        return "The review API does not answer just now. Try again in a moment."
    if error.retry_after is not None:
        return f"Too many attempts. Try again in {error.retry_after} seconds."
    return "User name or password is wrong."


def register_login(
    app: Dash, api: ReviewApi, owners: Owners, pages: Mapping[str, OwnerPage]
) -> None:
    """Wire up logging in, which leads to the page of the address, and logging out."""

    @app.callback(
        Output("admin", "children"),
        Output("login-failure", "children"),
        Output("login-failure", "hidden"),
        Input("login-form", "n_submit"),
        State("username", "value"),
        State("password", "value"),
        State("address", "pathname"),
        State("address", "search"),
        running=[(Output("login", "disabled"), True, False)],
        prevent_initial_call=True,
    )
    def log_in(
        _submits: int, username: str | None, password: str | None, path: str, search: str | None
    ) -> tuple[Any, Any, Any]:
        try:
            address = visitor_of(request).ip_address
            set_cookie = api.log_in(username or "", password or "", address)
        except (UnavailableError, RefusedError) as error:
            return no_update, login_failure(error), False
        hand_over_session(set_cookie)
        page = page_at(pages, path)
        calls = owners.calls_of(session_of(set_cookie))
        content = content_of(page, calls, search)
        return (
            owner_view(page, tuple(pages.values()), username or "", search, content),
            no_update,
            no_update,
        )

    @app.callback(Input("logout", "n_clicks"), prevent_initial_call=True)
    def log_out(clicks: int | None) -> None:
        if not clicks:
            return
        try:
            api.log_out(browser_session())
        except SessionEndedError:
            pass
        except (UnavailableError, RefusedError):
            say("You could not be logged out just now. Try again in a moment.", "warning")
            return
        forget_session()
        show(login_view("You are logged out."))


def session_of(set_cookie: str) -> str:
    """The session that a Set-Cookie header hands over."""
    return set_cookie.partition(";")[0].removeprefix(f"{SESSION_COOKIE}=")
