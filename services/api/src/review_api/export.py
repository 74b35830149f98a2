"""Streams rows as CSV or NDJSON, a few at a time, out of one snapshot of the database."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from flask import Response
from psycopg2.extras import RealDictCursor

from review_api.database import open_apart

if TYPE_CHECKING:
    from pydantic import BaseModel

BATCH = 200
"""Rows held at a time."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""A cell that begins like this is a formula to spreadsheets, also in full-width characters."""

SUFFIXES = {"text/csv": "csv", "application/x-ndjson": "ndjson"}


@dataclass(frozen=True)
class Export:
    """What to stream.

    Attributes:
        name: what the file is called, without its ending.
        row: what a line has of a row of the database.
        statement: SQL and its values.
        prepare: is given the connection before the statement runs there, in one snapshot with
            it; returns more headers of the answer.
    """

    name: str
    row: type[BaseModel]
    statement: tuple[str, Sequence[Any] | Mapping[str, Any]]
    prepare: Callable[[Any], Mapping[str, str]] = lambda _connection: {}


def stream(export: Export, media_type: str) -> Response:
    """Return an answer that streams every row.

    The first rows are read before the answer begins, so that a database that is away is a 503.
    """
    headers: dict[str, str] = {}
    batches = _batches(export, headers)
    first = next(batches)
    body = WRITERS[media_type](export.row, chain([first], batches))
    disposition = f'attachment; filename="{export.name}.{SUFFIXES[media_type]}"'
    return Response(
        body,
        content_type=f"{media_type}; charset=utf-8",
        headers={"Content-Disposition": disposition, **headers},
    )


def _batches(export: Export, headers: dict[str, str]) -> Iterator[list[BaseModel]]:
    """Yield at least one list; a cursor on the server keeps what is not yet sent.

    The headers are complete when the first list is there.
    """
    with closing(open_apart()) as connection:
        headers.update(export.prepare(connection))
        cursor = connection.cursor("export", cursor_factory=RealDictCursor)
        cursor.execute(*export.statement)
        while True:
            rows = cursor.fetchmany(BATCH)
            yield [export.row.model_validate(row) for row in rows]
            if len(rows) < BATCH:
                return


def csv_lines(row: type[BaseModel], batches: Iterable[list[BaseModel]]) -> Iterator[str]:
    """Yield CSV text (RFC 4180) with a header, safe to open in a spreadsheet."""
    yield _as_csv([tuple(row.model_fields)])
    for batch in batches:
        yield _as_csv(map(cell, one.model_dump(mode="json").values()) for one in batch)


def cell(value: Any) -> Any:  # noqa: ANN401 (whatever a row holds)
    """Return a cell that no spreadsheet takes for a formula: a quote mark in front says text."""
    if isinstance(value, dict | list):
        return json.dumps(value)
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value


def _as_csv(rows: Iterable[Iterable[Any]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()


def json_lines(_row: type[BaseModel], batches: Iterable[list[BaseModel]]) -> Iterator[str]:
    """Yield newline-delimited JSON."""
    for batch in batches:
        yield "".join(f"{one.model_dump_json()}\n" for one in batch)


Writer = Callable[[type["BaseModel"], Iterable[list["BaseModel"]]], Iterator[str]]
WRITERS: dict[str, Writer] = {"text/csv": csv_lines, "application/x-ndjson": json_lines}
