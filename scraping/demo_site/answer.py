"""An answer to a request, before anything of it is on the wire."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

HTML: Final = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Answer:
    """An answer; `chunks` follow the body one by one, as fast as the client takes them."""

    body: bytes = b""
    status: int = HTTPStatus.OK
    content_type: str = HTML
    headers: tuple[tuple[str, str], ...] = ()
    delay: float = 0.0
    chunks: Iterator[bytes] | None = None


def html(page: str) -> Answer:
    """Return a page."""
    return Answer(page.encode())


def as_json(value: object) -> Answer:
    """Return a value as JSON."""
    return Answer(json.dumps(value).encode(), content_type="application/json")


def ndjson(lines: Iterator[bytes]) -> Answer:
    """Return lines of JSON, however many."""
    return Answer(content_type="application/x-ndjson", chunks=lines)


def redirect(to: str) -> Answer:
    """Return the way to another address."""
    return Answer(status=HTTPStatus.MOVED_PERMANENTLY, headers=(("Location", to),))


def error(status: HTTPStatus, *headers: tuple[str, str]) -> Answer:
    """Return a page that only says what is wrong."""
    return Answer(f"<h1>{status.phrase}</h1>".encode(), status, headers=headers)


def try_again(status: HTTPStatus) -> Answer:
    """Return an error that goes away within a second."""
    return error(status, ("Retry-After", "1"))


NOT_FOUND: Final = error(HTTPStatus.NOT_FOUND)
