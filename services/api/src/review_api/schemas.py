"""The bodies and queries that the API takes and gives; the OpenAPI document is made of these."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

LARGEST_REVIEW = 64 * 1024
"""Bytes of UTF-8, as the model server takes them."""

SHORTEST_PASSWORD = 8
USERNAME = "[A-Za-z0-9]([A-Za-z0-9._@+-]*[A-Za-z0-9])?"
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

Scope = Literal[
    "reviews:read",
    "reviews:attest",
    "scrape:write",
    "training:read",
    "models:read",
    "models:write",
    "admin",
]
Sort = Literal[
    "-created_date",
    "created_date",
    "-rating",
    "rating",
    "-model_score",
    "model_score",
    "-brand",
    "brand",
]


def _storable(text: str) -> str:
    """Refuse NUL characters, which Postgres cannot store; pydantic refuses lone surrogates."""
    if "\0" in text:
        message = "must not contain NUL characters"
        raise ValueError(message)
    return text


def _written(review: str) -> str:
    if not review.strip():
        message = "must not be empty"
        raise ValueError(message)
    if len(review.encode()) > LARGEST_REVIEW:
        message = f"must not be longer than {LARGEST_REVIEW} bytes"
        raise ValueError(message)
    return review


def _iso_date(value: object) -> object:
    """Take dates as written in RFC 3339 only, not pydantic's numbers of seconds."""
    if not isinstance(value, str) or not ISO_DATE.fullmatch(value):
        message = "must be a date such as 2026-01-31"
        raise ValueError(message)
    return value


Storable = AfterValidator(_storable)
Text = Annotated[str, Storable]
ReviewText = Annotated[
    str,
    StringConstraints(min_length=1),
    Storable,
    AfterValidator(_written),
    Field(description="At most 64 KiB of UTF-8."),
]
Name = Annotated[
    str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True), Storable
]
Brand = Annotated[
    str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True), Storable
]
Password = Annotated[str, StringConstraints(min_length=1, max_length=1000), Storable]
SearchText = Annotated[str, StringConstraints(max_length=500), Storable]
Rating = Annotated[int, Field(ge=1, le=5)]
Score = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Version = Annotated[str, StringConstraints(max_length=100), Storable]
UserAgent = Annotated[str, StringConstraints(max_length=1000), Storable]
Address = Annotated[str, StringConstraints(max_length=100), Storable]
IsoDate = Annotated[date, Field(strict=False), BeforeValidator(_iso_date)]


class Body(BaseModel):
    """A body as callers send it: nothing unknown in it, and no type is guessed in JSON."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, protected_namespaces=())


class Form(Body):
    """A body in form encoding, where every value arrives as text."""

    model_config = ConfigDict(strict=False)


class PredictionRequest(Body):
    """A text to score."""

    review: ReviewText


class PredictionForm(PredictionRequest, Form):
    """A text to score, in form encoding."""


class NewReview(Body):
    """A review to save; what the writer was shown is a claim."""

    review: ReviewText
    rating: Rating
    brand: Brand
    suggested_rating: Rating | None = None
    sentiment_score: Score | None = None
    shown_version: Version | None = None
    user_agent: UserAgent | None = None
    ip_address: Address | None = Field(
        None, description="Kept only from callers with the scope reviews:attest."
    )
    visitor_bucket: Annotated[int, Field(ge=0, lt=10_000)] | None = Field(
        None, description="Which ten thousandth of the visitors writes; kept as ip_address is."
    )


class NewReviewForm(Form):
    """A review as in 2019: all seven fields are required."""

    review: ReviewText
    rating: Rating
    suggested_rating: Rating
    sentiment_score: Score
    brand: Brand
    user_agent: UserAgent
    ip_address: Address
    shown_version: Version | None = None


class SavedReview(BaseModel):
    """A review as it is stored."""

    model_config = ConfigDict(from_attributes=True, protected_namespaces=())

    id: int
    created_date: AwareDatetime
    review: str
    rating: int
    suggested_rating: int | None
    sentiment_score: float | None
    shown_version: str | None
    brand: str
    user_agent: str | None
    ip_address: str | None
    model_score: float | None
    model_version: str | None
    scored_date: AwareDatetime | None


class Query(BaseModel):
    """A query string."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())

    @classmethod
    def from_query(cls, query: Mapping[str, list[str]]) -> Self:
        """Return what a query string asks for; empty parameters count as not given.

        Raises:
            ValidationError: for an unknown, repeated or malformed parameter.
        """
        given: dict[str, Any] = {
            name: [value for value in values if value] for name, values in query.items()
        }
        repeatable = {name for name, field in cls.model_fields.items() if field.default == []}
        single = {
            name: values[0] if len(values) == 1 and name not in repeatable else values
            for name, values in given.items()
            if values
        }
        return cls.model_validate(single)


class ListFilter(Query):
    """Which rows to list, and how."""

    limit: int = Field(100, ge=1, le=1000, description="Rows a page.")
    cursor: Annotated[str, StringConstraints(max_length=2000)] | None = Field(
        None, description="From a Link header."
    )
    sort: str
    format: Literal["json", "csv", "ndjson"] | None = Field(
        None, description="csv and ndjson stream everything that the filter matches."
    )


class ReviewFilter(ListFilter):
    """Which reviews to list, and how."""

    sort: Sort = Field("-created_date", description="Reviews without a model score count as -1.")
    brand: Brand | None = Field(None, description="The whole name, in any case.")
    rating: list[Rating] = Field([], max_length=5, description="One or more of 1 to 5.")
    since: IsoDate | None = Field(None, description="The first day (UTC).")
    until: IsoDate | None = Field(None, description="The last day (UTC), included.")
    text: SearchText | None = Field(
        None, description="Words that the review contains; the last may be a beginning."
    )
    model_version: Version | None = Field(None, description="The version that scored.")


class Login(Body):
    """A name and its password."""

    username: Name
    password: Password
    ip_address: Address | None = Field(
        None, description="Whom failures count against, from callers with reviews:attest."
    )


class NewPassword(Body):
    """A password to have from now on."""

    password: Annotated[
        str, StringConstraints(min_length=SHORTEST_PASSWORD, max_length=1000), Storable
    ]


class NewUser(NewPassword):
    """An admin to make; the name stands in addresses."""

    username: Annotated[str, StringConstraints(pattern=f"^{USERNAME}$", max_length=100)] = Field(
        description="Letters, digits and . _ @ + - in between."
    )


class UserInfo(BaseModel):
    """An admin."""

    username: str
    created_date: AwareDatetime


class SessionInfo(BaseModel):
    """Who is logged in, and until when."""

    username: str
    expires: AwareDatetime


class NewToken(Body):
    """A token to make."""

    name: Name
    scopes: list[Scope] = Field(min_length=1, max_length=7)
    expires: AwareDatetime | None = Field(None, description="RFC 3339; null never expires.")


class TokenInfo(BaseModel):
    """A token without its secret, which nobody can read again."""

    id: int
    name: str
    scopes: list[str]
    created_date: datetime
    expires: datetime | None


class NewTokenInfo(TokenInfo):
    """A token just made; its secret is shown this once."""

    token: str


class Status(BaseModel):
    """How a service is."""

    status: str


class VersionInfo(BaseModel):
    """What runs here."""

    name: str
    version: str


class ProblemDetails(BaseModel):
    """An error (RFC 9457); ``error`` repeats ``detail`` for clients of 2019."""

    type: str
    title: str
    status: int
    detail: str
    error: str
    errors: list[dict[str, str]] = []
