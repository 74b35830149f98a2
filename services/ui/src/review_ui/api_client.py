"""The review API as the pages use it: brands, saving, the owner's session and reviews."""

from dataclasses import asdict, dataclass
from datetime import datetime

import requests
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from review_ui.owner_calls import Listing, call_as_owner, listing, shaped
from review_ui.upstream import Query, RefusedError, UnavailableError, Upstream


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
    visitor_bucket: int | None = None
    """By which the canary's visitors are chosen; None where there is no canary."""


ReviewPage = Listing[StoredReview]


class Owner(BaseModel):
    """Whose session it is."""

    model_config = ConfigDict(frozen=True)

    username: str


_OWNER = TypeAdapter(Owner)
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
        if visitor.visitor_bucket is None:
            del body["visitor_bucket"]  # An API of the release before knows no such field.
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
        response = call_as_owner(self.server, "GET", "/api/session", session)
        return shaped(_OWNER, response, self.server.name)

    def log_out(self, session: str) -> None:
        """End a session in the API's database."""
        call_as_owner(self.server, "DELETE", "/api/session", session)

    def find_reviews(self, session: str, query: Query) -> ReviewPage:
        """The page of reviews that `query` describes."""
        response = call_as_owner(self.server, "GET", "/api/reviews", session, query)
        return listing(_STORED_REVIEWS, response, self.server.name)

    def export_reviews(self, session: str, query: Query) -> requests.Response:
        """All reviews that `query` describes as CSV, to be read as it arrives."""
        csv = {**query, "format": "csv"}
        return call_as_owner(self.server, "GET", "/api/reviews", session, csv, stream=True)

    def delete_review(self, session: str, review_id: int) -> None:
        """Delete a review; one that is already gone is no error."""
        try:
            call_as_owner(self.server, "DELETE", f"/api/reviews/{review_id}", session)
        except RefusedError as refusal:
            if refusal.status != requests.codes.not_found:
                raise

    def _authority(self) -> dict[str, str]:
        """What makes the API believe the address that the UI states."""
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}
