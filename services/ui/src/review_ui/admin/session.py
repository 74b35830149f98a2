"""The owner's session, which lives in the API: the UI only passes its cookie on."""

import re

from flask import Response, after_this_request, request

from review_ui.api_client import SESSION_COOKIE, SessionEndedError

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
