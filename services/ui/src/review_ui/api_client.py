"""The review API as the pages use it: brands, saving, the owner's session and reviews."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import requests
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from review_ui.upstream import Query, RefusedError, UnavailableError, Upstream

SESSION_COOKIE = "candor_session"


class SessionEndedError(Exception):
    """The owner is not logged in, or no longer."""


class Brand(BaseModel):
    """A company to review."""

    model_config = ConfigDict(frozen=True)

    name: str
    website: str | None = None
    logo_url: str | None = None


class Submission(BaseModel):
    """A written review: what the visitor decided, and what the visitor was shown."""

    model_config = ConfigDict(frozen=True)

    review: str
    rating: int
    brand: str
    suggested_rating: int | None = None
    sentiment_score: float | None = None
    shown_version: str | None = None


class StoredReview(BaseModel):
    """A review as the API keeps it; `model_…` is null until the worker has scored it."""

    # Pydantic would otherwise keep names that begin with `model_` for itself.
    model_config = ConfigDict(frozen=True, protected_namespaces=())

    id: int
    created_date: datetime
    review: str
    rating: int
    brand: str
    suggested_rating: int | None = None
    sentiment_score: float | None = None
    shown_version: str | None = None
    model_score: float | None = None
    model_version: str | None = None


@dataclass(frozen=True)
class Visitor:
    """Who sends a review, as far as the request tells."""

    ip_address: str | None
    user_agent: str | None


@dataclass(frozen=True)
class ReviewPage:
    """Some reviews, how many there are in all, and the cursors of the pages around them.

    Where `is_exact` is false the API stopped counting: there are at least `total`.
    """

    reviews: tuple[StoredReview, ...] = ()
    total: int = 0
    is_exact: bool = True
    previous: str | None = None
    next: str | None = None


class Owner(BaseModel):
    """Whose session it is."""

    model_config = ConfigDict(frozen=True)

    username: str


_STORED_REVIEWS = TypeAdapter(tuple[StoredReview, ...])


@dataclass(frozen=True)
class ReviewApi:
    """The review API.

    Every call may raise UnavailableError or RefusedError; those that take an owner's
    `session` (the cookie's value) SessionEndedError as well.
    """

    server: Upstream
    token: str

    def random_brand(self) -> Brand:
        """Some brand to review."""
        response = self.server.call("GET", "/api/companies/random")
        try:
            return Brand.model_validate_json(response.content)
        except ValidationError as error:
            raise UnavailableError(self.server.name) from error

    def save_review(self, submission: Submission, visitor: Visitor, key: str) -> None:
        """Save a review; the same `key` again saves nothing more."""
        body = submission.model_dump() | asdict(visitor)
        headers = self._authority() | {"Idempotency-Key": key}
        try:
            self.server.call("POST", "/api/review", json=body, headers=headers)
        except RefusedError as refusal:
            # The key is known with another body. Since a key stays with its review, only
            # the visitor's address or browser differs: the review is already saved.
            if refusal.status != requests.codes.unprocessable:
                raise

    def log_in(self, username: str, password: str, ip_address: str | None) -> str:
        """Begin an owner's session; returns the Set-Cookie header for the browser."""
        body = {"username": username, "password": password, "ip_address": ip_address}
        response = self.server.call("POST", "/api/session", json=body, headers=self._authority())
        set_cookie = response.headers.get("Set-Cookie")
        if set_cookie is None:
            raise UnavailableError(self.server.name)
        return set_cookie

    def owner(self, session: str) -> Owner:
        """Whose session this is."""
        response = self._call_as_owner("GET", "/api/session", session)
        try:
            return Owner.model_validate_json(response.content)
        except ValidationError as error:
            raise UnavailableError(self.server.name) from error

    def log_out(self, session: str) -> None:
        """End a session in the API's database."""
        self._call_as_owner("DELETE", "/api/session", session)

    def find_reviews(self, session: str, query: Query) -> ReviewPage:
        """The page of reviews that `query` describes."""
        response = self._call_as_owner("GET", "/api/reviews", session, query)
        try:
            reviews = _STORED_REVIEWS.validate_json(response.content)
            total = int(response.headers["X-Total-Count"])
            is_exact = response.headers.get("X-Total-Count-Exact") != "false"
        except (ValidationError, KeyError, ValueError) as error:
            raise UnavailableError(self.server.name) from error
        links = response.links
        return ReviewPage(reviews, total, is_exact, _cursor(links, "prev"), _cursor(links, "next"))

    def export_reviews(self, session: str, query: Query) -> requests.Response:
        """All reviews that `query` describes as CSV, to be read as it arrives."""
        csv = {**query, "format": "csv"}
        return self._call_as_owner("GET", "/api/reviews", session, csv, stream=True)

    def delete_review(self, session: str, review_id: int) -> None:
        """Delete a review; one that is already gone is no error."""
        try:
            self._call_as_owner("DELETE", f"/api/reviews/{review_id}", session)
        except RefusedError as refusal:
            if refusal.status != requests.codes.not_found:
                raise

    def _authority(self) -> dict[str, str]:
        """What makes the API believe the address that the UI states."""
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def _call_as_owner(
        self,
        method: str,
        path: str,
        session: str,
        query: Query | None = None,
        *,
        stream: bool = False,
    ) -> requests.Response:
        try:
            cookie = {"Cookie": f"{SESSION_COOKIE}={session}"}
            return self.server.call(method, path, params=query, headers=cookie, stream=stream)
        except RefusedError as refusal:
            if refusal.status == requests.codes.unauthorized:
                raise SessionEndedError from refusal
            raise


def _cursor(links: Mapping[str, Mapping[str, str]], relation: str) -> str | None:
    """The cursor inside the address of a Link header."""
    if relation not in links:
        return None
    query = parse_qs(urlsplit(links[relation]["url"]).query)
    return query.get("cursor", [None])[0]
