"""The owner's session, which lives in the API: the UI only passes its cookie on."""

import re

from dash import set_props
from dash.development.base_component import Component
from flask import Response, after_this_request, request

from review_ui.admin.shell import login_view
from review_ui.owner_calls import SESSION_COOKIE, SessionEndedError

SESSION_ENDED = "Your session has ended. Please log in again."

# What cookies may consist of, less the characters that separate them.
_COOKIE_VALUE = re.compile(r"[!#-+\--:<-\[\]-~]+")


def browser_session() -> str:
    """The session that the browser claims; raises SessionEndedError if it claims none."""
    session = request.cookies.get(SESSION_COOKIE, "")
    if not _COOKIE_VALUE.fullmatch(session):
        raise SessionEndedError
    return session


def has_session_cookie() -> bool:
    """Whether the browser was logged in at some time."""
    return SESSION_COOKIE in request.cookies


def hand_over_session(set_cookie: str) -> None:
    """Pass the API's cookie to the browser as it is."""

    @after_this_request
    def add_cookie(response: Response) -> Response:
        response.headers.add("Set-Cookie", set_cookie)
        return response


def forget_session() -> None:
    """Have the browser drop the cookie."""

    @after_this_request
    def drop_cookie(response: Response) -> Response:
        response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="Strict")
        return response


def ended_session_view() -> Component:
    """The login, which says so where somebody was logged in."""
    if not has_session_cookie():
        return login_view()
    forget_session()
    return login_view(SESSION_ENDED)


def show_ended_session() -> None:
    """Put the login in place of the page, from within a callback."""
    show(ended_session_view())


def show(content: Component) -> None:
    """Put another state of the page in place of the present one."""
    set_props("admin", {"children": content})
