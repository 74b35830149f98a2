"""Pages of a table by key: the last page of a million rows costs what the first one costs.

A page is found by the order's key and the id of the row it continues after, never by counting
rows; every order has an index (key, id). What is counted is said in `Total`.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from peewee import ModelSelect, Tuple, fn
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from review_api.models import RowCount, Table
from review_api.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

Row = dict[str, Any]

COUNT_LIMIT = 10_000
"""How far a filter's matches are counted."""


@dataclass(frozen=True)
class Order:
    """A key that rows are ordered by, and how its values are written in a cursor."""

    key: Any
    type: TypeAdapter[Any]


@dataclass(frozen=True)
class Listing:
    """What is listed of a table: its rows in answers, and the orders that have an index.

    Attributes:
        name: what an exported file is called.
        table: where the rows are.
        row: what an answer has of a row; its fields are columns of the table, or found.
        orders: by the names that a query's ``sort`` may have.
        found: expressions for fields that are no columns of the table.
    """

    name: str
    table: type[Table]
    row: type[BaseModel]
    orders: Mapping[str, Order]
    found: Mapping[str, Any] = field(default_factory=dict)

    def rows(self) -> ModelSelect[Any]:
        """Return the query of all rows, with what answers have of them."""
        return self.table.select(*map(self._column, self.row.model_fields))

    def _column(self, name: str) -> Any:  # noqa: ANN401 (peewee's expressions have no public type)
        if name in self.found:
            return self.found[name].alias(name)
        return getattr(self.table, name)

    def order(self, sort: str) -> Order:
        """Return the order of a sort such as ``-rating``."""
        return self.orders[sort.removeprefix("-")]


class Cursor(BaseModel):
    """A place between two rows of an order, and which way to go from there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sort: str
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
    listing: Listing, matching: ModelSelect[Any], sort: str, cursor_text: str | None, limit: int
) -> Page:
    """Return a page of a query in an order, from a cursor on.

    Raises:
        Problem: 400 when the cursor is not one of this order.
    """
    cursor = _cursor(listing, cursor_text, sort) if cursor_text else None
    forward = cursor is None or cursor.forward
    query = ordered(listing, matching, sort, backward=not forward)
    if cursor:
        query = query.where(_beyond(listing, cursor))
    rows: list[Any] = list(query.limit(limit + 1).dicts())
    more, rows = len(rows) > limit, rows[:limit]
    if not forward:
        rows.reverse()
    first, last = _places(listing, rows, sort) if rows else (None, None)
    return Page(
        rows,
        next=last if more or not forward else None,
        previous=first if cursor and (more or forward) else None,
    )


def ordered(
    listing: Listing, matching: ModelSelect[Any], sort: str, *, backward: bool = False
) -> ModelSelect[Any]:
    """Return the query in an order, with each row's id and key as ``row_id``, ``sort_key``."""
    key, row_id = listing.order(sort).key, listing.table.id
    columns: list[Any] = [key, row_id]
    if _descends(sort) != backward:
        columns = [column.desc() for column in columns]
    found = matching.select_extend(key.alias("sort_key"), row_id.alias("row_id"))
    return found.order_by(*columns)


def _descends(sort: str) -> bool:
    return sort.startswith("-")


def _beyond(listing: Listing, cursor: Cursor) -> Any:  # noqa: ANN401 (peewee's expressions have no public type)
    """Return the condition that a row lies beyond the cursor; the index answers it directly."""
    order = listing.order(cursor.sort)
    row = Tuple(order.key, listing.table.id)
    place = Tuple(order.type.validate_json(cursor.key), cursor.id)
    return row < place if _descends(cursor.sort) == cursor.forward else row > place


def _places(listing: Listing, rows: list[Row], sort: str) -> tuple[Cursor, Cursor]:
    """Return the cursors back from the first row and on from the last."""
    first, last = (
        Cursor(
            sort=sort,
            forward=forward,
            key=listing.order(sort).type.dump_json(row["sort_key"]).decode(),
            id=row["row_id"],
        )
        for row, forward in ((rows[0], False), (rows[-1], True))
    )
    return first, last


def _cursor(listing: Listing, text: str, sort: str) -> Cursor:
    try:
        cursor = Cursor.decoded(text)
        if cursor.sort == sort:
            listing.order(sort).type.validate_json(cursor.key)
    except (binascii.Error, UnicodeError, ValidationError, ValueError):
        raise Problem(400, "the cursor is not one from a Link header") from None
    if cursor.sort != sort:
        raise Problem(400, "the cursor belongs to another order")
    return cursor


@dataclass(frozen=True)
class Total:
    """How many rows a query has: exactly, or at least.

    All rows of a table are counted by triggers, exactly and at no cost. A filter's matches are
    counted up to `COUNT_LIMIT`; counting them all would make a page of a million rows slow.
    """

    rows: int
    exact: bool


def count_all(listing: Listing) -> Total:
    """Return the number of all rows."""
    of_table = RowCount.table_name == listing.table._meta.table_name  # noqa: SLF001 (peewee's own way to ask)
    total = RowCount.select(fn.sum(RowCount.rows)).where(of_table).scalar()
    return Total(int(total or 0), exact=True)


def count_matching(listing: Listing, matching: ModelSelect[Any]) -> Total:
    """Return the number of rows of a filtered query, up to the limit."""
    found = matching.columns(listing.table.id).limit(COUNT_LIMIT + 1).count()
    return Total(min(found, COUNT_LIMIT), exact=found <= COUNT_LIMIT)
