"""Pages of reviews by key: the last page of a million rows costs what the first one costs.

A page is found by the order's key and the id of the row it continues after, never by counting
rows; every order has an index (key, id). What is counted is said in `Total`.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from peewee import ModelSelect, Tuple, fn
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from review_api.models import Review, ReviewCount
from review_api.problems import Problem
from review_api.schemas import Sort, Text

Row = dict[str, Any]

COUNT_LIMIT = 10_000
"""How far a filter's matches are counted."""


@dataclass(frozen=True)
class Order:
    """A key that reviews are ordered by, and how its values are written in a cursor."""

    key: Any
    type: TypeAdapter[Any]


ORDERS = {
    "created_date": Order(Review.created_date, TypeAdapter(AwareDatetime)),
    "rating": Order(Review.rating, TypeAdapter(Annotated[int, Field(ge=1, le=5)])),
    "model_score": Order(
        fn.coalesce(Review.model_score, -1), TypeAdapter(Annotated[float, Field(ge=-1, le=1)])
    ),
    "brand": Order(fn.lower(Review.brand), TypeAdapter(Text)),
}


class Cursor(BaseModel):
    """A place between two rows of an order, and which way to go from there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sort: Sort
    forward: bool
    key: str
    id: int = Field(ge=0, lt=2**63)

    def encoded(self) -> str:
        """Return the cursor as opaque text for a query string."""
        return base64.urlsafe_b64encode(self.model_dump_json().encode()).decode().rstrip("=")

    @classmethod
    def decoded(cls, text: str) -> Cursor:
        """Return the cursor of a query string.

        Raises:
            ValueError: when it is not one of ours.
        """
        padded = text.encode() + b"=" * (-len(text) % 4)
        return cls.model_validate_json(base64.b64decode(padded, altchars=b"-_", validate=True))


@dataclass(frozen=True)
class Page:
    """Rows of one page and the cursors of its neighbours."""

    rows: list[Row]
    next: Cursor | None
    previous: Cursor | None

    def links(self, path: str, query: list[tuple[str, str]]) -> str:
        """Return the value of a Link header (RFC 8288) that keeps the rest of the query."""
        kept = [pair for pair in query if pair[0] != "cursor"]
        neighbours = {"next": self.next, "prev": self.previous}
        return ", ".join(
            f'<{path}?{urlencode([*kept, ("cursor", cursor.encoded())])}>; rel="{relation}"'
            for relation, cursor in neighbours.items()
            if cursor
        )


def read_page(
    matching: ModelSelect[Review], sort: Sort, cursor_text: str | None, limit: int
) -> Page:
    """Return a page of a query in an order, from a cursor on.

    Raises:
        Problem: 400 when the cursor is not one of this order.
    """
    cursor = _cursor(cursor_text, sort) if cursor_text else None
    forward = cursor is None or cursor.forward
    query = ordered(matching, sort, backward=not forward)
    if cursor:
        query = query.where(_beyond(cursor))
    rows: list[Any] = list(query.limit(limit + 1).dicts())
    more, rows = len(rows) > limit, rows[:limit]
    if not forward:
        rows.reverse()
    return Page(
        rows,
        next=_at(rows, -1, sort, forward=True) if more or not forward else None,
        previous=_at(rows, 0, sort, forward=False) if cursor and (more or forward) else None,
    )


def ordered(
    matching: ModelSelect[Review], sort: Sort, *, backward: bool = False
) -> ModelSelect[Review]:
    """Return the query in an order, with each row's key as ``sort_key``."""
    key = _order(sort).key
    columns: list[Any] = [key, Review.id]
    if _descends(sort) != backward:
        columns = [column.desc() for column in columns]
    return matching.select_extend(key.alias("sort_key")).order_by(*columns)


def _order(sort: Sort) -> Order:
    return ORDERS[sort.removeprefix("-")]


def _descends(sort: Sort) -> bool:
    return sort.startswith("-")


def _beyond(cursor: Cursor) -> Any:  # noqa: ANN401 (peewee's expressions have no public type)
    """Return the condition that a row lies beyond the cursor; the index answers it directly."""
    order = _order(cursor.sort)
    row, place = Tuple(order.key, Review.id), Tuple(order.type.validate_json(cursor.key), cursor.id)
    return row < place if _descends(cursor.sort) == cursor.forward else row > place


def _at(rows: list[Row], index: int, sort: Sort, *, forward: bool) -> Cursor | None:
    if not rows:
        return None
    key = _order(sort).type.dump_json(rows[index]["sort_key"]).decode()
    return Cursor(sort=sort, forward=forward, key=key, id=rows[index]["id"])


def _cursor(text: str, sort: Sort) -> Cursor:
    try:
        cursor = Cursor.decoded(text)
        _order(sort).type.validate_json(cursor.key)
    except (binascii.Error, UnicodeError, ValidationError, ValueError):
        raise Problem(400, "the cursor is not one from a Link header") from None
    if cursor.sort != sort:
        raise Problem(400, "the cursor belongs to another order")
    return cursor


@dataclass(frozen=True)
class Total:
    """How many rows a query has: exactly, or at least.

    All reviews are counted by triggers, exactly and at no cost. A filter's matches are counted up
    to `COUNT_LIMIT`; counting them all would make a page of a million rows slow.
    """

    rows: int
    exact: bool


def count_all() -> Total:
    """Return the number of all reviews."""
    return Total(int(ReviewCount.select(fn.sum(ReviewCount.reviews)).scalar() or 0), exact=True)


def count_matching(matching: ModelSelect[Review]) -> Total:
    """Return the number of rows of a filtered query, up to the limit."""
    found = matching.columns(Review.id).limit(COUNT_LIMIT + 1).count()
    return Total(min(found, COUNT_LIMIT), exact=found <= COUNT_LIMIT)
