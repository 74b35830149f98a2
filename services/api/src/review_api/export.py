"""Streams reviews as CSV or NDJSON, a few at a time, out of one snapshot of the database."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from itertools import chain
from typing import TYPE_CHECKING, Any

from flask import Response
from psycopg2.extras import RealDictCursor

from review_api.database import open_apart
from review_api.schemas import SavedReview

if TYPE_CHECKING:
    from peewee import ModelSelect

    from review_api.models import Review

BATCH = 200
"""Rows held at a time."""

COLUMNS = tuple(SavedReview.model_fields)

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""A cell that begins like this is a formula to spreadsheets, also in full-width characters."""


def stream(query: ModelSelect[Review], media_type: str) -> Response:
    """Return an answer that streams every row of a query.

    The first rows are read before the answer begins, so that a database that is away is a 503.
    """
    batches = _batches(query)
    first = next(batches)
    body = WRITERS[media_type](chain([first], batches))
    name = "reviews.csv" if media_type == "text/csv" else "reviews.ndjson"
    return Response(
        body,
        content_type=f"{media_type}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _batches(query: ModelSelect[Review]) -> Iterator[list[SavedReview]]:
    """Yield at least one list; a cursor on the server keeps what is not yet sent."""
    with closing(open_apart()) as connection:
        cursor = connection.cursor("export", cursor_factory=RealDictCursor)
        cursor.execute(*query.sql())
        while True:
            rows = cursor.fetchmany(BATCH)
            yield [SavedReview.model_validate(row) for row in rows]
            if len(rows) < BATCH:
                return


def csv_lines(batches: Iterable[list[SavedReview]]) -> Iterator[str]:
    """Yield CSV text (RFC 4180) with a header, safe to open in a spreadsheet."""
    yield _as_csv([COLUMNS])
    for batch in batches:
        yield _as_csv(map(safe_cell, row.model_dump(mode="json").values()) for row in batch)


def safe_cell(value: Any) -> Any:  # noqa: ANN401 (whatever a cell holds)
    """Return a cell that no spreadsheet takes for a formula: a quote mark in front says text."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value


def _as_csv(rows: Iterable[Iterable[Any]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()


def json_lines(batches: Iterable[list[SavedReview]]) -> Iterator[str]:
    """Yield newline-delimited JSON."""
    for batch in batches:
        yield "".join(f"{row.model_dump_json()}\n" for row in batch)


Writer = Callable[[Iterable[list[SavedReview]]], Iterator[str]]
WRITERS: dict[str, Writer] = {"text/csv": csv_lines, "application/x-ndjson": json_lines}
