"""Who is at the other end of the request that is being answered.

Where a canary is tried, each browser is given a random name, so that a visitor always sees the same
version of the model. Nothing is known by that name: only the bucket that it falls into is used.
"""

import hashlib
import re
import secrets
from ipaddress import ip_address

from flask import Flask, Request, Response, request

from review_ui.api_client import Visitor
from review_ui.canary import BUCKETS

# The review API keeps no longer ones.
LONGEST_USER_AGENT = 1000
COOKIE = "candor_visitor"
COOKIE_SECONDS = 30 * 24 * 3600
LAYOUT_PATH = "/_dash-layout"

_NAME = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)


def visitor_of(request: Request) -> Visitor:
    """The visitor, whose address comes through as many proxies as are trusted."""
    user_agent = request.user_agent.string[:LONGEST_USER_AGENT]
    return Visitor(_address(request.remote_addr), user_agent or None, bucket_of(request))


def bucket_of(request: Request) -> int | None:
    """The visitor's bucket; None without a cookie of ours."""
    name = _name(request)
    return None if name is None else bucket(name)


def bucket(name: str) -> int:
    """One of the buckets, all of which are equally likely and none of which can be aimed at."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()) % BUCKETS


def name_visitors(server: Flask) -> None:
    """Give a random name to each browser that has none."""

    @server.after_request
    def name_visitor(response: Response) -> Response:
        # Not with the document: browsers keep Strict cookies back when they come from another
        # site, and would be given a new name each time. What the page asks for carries them.
        if request.path == LAYOUT_PATH and _name(request) is None:
            response.set_cookie(
                COOKIE,
                secrets.token_urlsafe(16),
                max_age=COOKIE_SECONDS,
                httponly=True,
                samesite="Strict",
            )
        return response


def _name(request: Request) -> str | None:
    name = request.cookies.get(COOKIE, "")
    return name if _NAME.fullmatch(name) else None


def _address(text: str | None) -> str | None:
    """The address in its usual form; None if a proxy sent something else."""
    try:
        return str(ip_address(text or ""))
    except ValueError:
        return None
