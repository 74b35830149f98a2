"""The review API as an owner's session may use it: every call carries the session's cookie."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import parse_qs, urlsplit

import requests
from pydantic import TypeAdapter, ValidationError

from review_ui.upstream import Query, RefusedError, UnavailableError, Upstream

SESSION_COOKIE = "candor_session"

Shape = TypeVar("Shape")


class SessionEndedError(Exception):
    """The owner is not logged in, or no longer."""


@dataclass(frozen=True)
class Listing(Generic[Shape]):
    """Some things of a list, how many there are in all, and the cursors of the pages around them.

    Where `is_exact` is false the API stopped counting: there are at least `total`.
    """

    items: tuple[Shape, ...] = ()
    total: int = 0
    is_exact: bool = True
    previous: str | None = None
    next: str | None = None


@dataclass(frozen=True)
class OwnerCalls:
    """What a `session` may ask of the API, and do there.

    Every call may raise UnavailableError, RefusedError or SessionEndedError. What changes
    something goes by `acting`, where nothing is sent twice.
    """

    reading: Upstream
    acting: Upstream
    session: str

    def get(self, shape: TypeAdapter[Shape], path: str, query: Query | None = None) -> Shape:
        """What is at `path`, which has to have that shape."""
        response = call_as_owner(self.reading, "GET", path, self.session, query)
        return shaped(shape, response, self.reading.name)

    def list(
        self, shape: TypeAdapter[tuple[Shape, ...]], path: str, query: Query | None = None
    ) -> Listing[Shape]:
        """A page of the list at `path`."""
        response = call_as_owner(self.reading, "GET", path, self.session, query)
        return listing(shape, response, self.reading.name)

    def stream(self, path: str, query: Query | None = None) -> requests.Response:
        """What is at `path`, to be read as it arrives."""
        return call_as_owner(self.reading, "GET", path, self.session, query, stream=True)

    def act(self, method: str, path: str, body: object = None) -> requests.Response:
        """Change something."""
        return call_as_owner(self.acting, method, path, self.session, json=body)


@dataclass(frozen=True)
class Owners:
    """The ways to the API that all owners' calls share."""

    reading: Upstream
    acting: Upstream

    def calls_of(self, session: str) -> OwnerCalls:
        """The calls of one session."""
        return OwnerCalls(self.reading, self.acting, session)


def call_as_owner(
    server: Upstream,
    method: str,
    path: str,
    session: str,
    query: Query | None = None,
    *,
    json: object = None,
    stream: bool = False,
) -> requests.Response:
    """Call with a session's cookie; raises SessionEndedError where it is no longer one."""
    cookie = {"Cookie": f"{SESSION_COOKIE}={session}"}
    try:
        return server.call(method, path, json=json, params=query, headers=cookie, stream=stream)
    except RefusedError as refusal:
        if refusal.status == requests.codes.unauthorized:
            raise SessionEndedError from refusal
        raise


def page_query(limit: int, cursor: str | None = None, **filters: str) -> Query:
    """The query for a page of a list, which begins at the cursor where there is one."""
    place = {"cursor": cursor} if cursor else {}
    return {"limit": limit, **place, **filters}


def shaped(shape: TypeAdapter[Shape], response: requests.Response, name: str) -> Shape:
    """The body of an answer; one of another shape is none that can be used."""
    try:
        return shape.validate_json(response.content)
    except ValidationError as error:
        raise UnavailableError(name) from error


def listing(
    shape: TypeAdapter[tuple[Shape, ...]], response: requests.Response, name: str
) -> Listing[Shape]:
    """A page of a list with its counts and cursors, which stand in the headers."""
    items = shaped(shape, response, name)
    total = response.headers.get("X-Total-Count", "")
    if not total.isdecimal():
        raise UnavailableError(name)
    is_exact = response.headers.get("X-Total-Count-Exact") != "false"
    links = response.links
    return Listing(items, int(total), is_exact, _cursor(links, "prev"), _cursor(links, "next"))


def _cursor(links: Mapping[str, Mapping[str, str]], relation: str) -> str | None:
    """The cursor inside the address of a Link header."""
    if relation not in links:
        return None
    query = parse_qs(urlsplit(links[relation]["url"]).query)
    return query.get("cursor", [None])[0]
