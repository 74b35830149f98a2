"""Stores many rows at once by their key: new ones, and those whose content is another."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from peewee import EXCLUDED, SQL, Expression, Select, Tuple, fn

from review_api.scraped_schemas import BatchOutcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review_api.models import Table
    from review_api.paging import Row

    Names = tuple[str, ...]

LARGEST = 16 * 1024 * 1024
"""Bytes of a body: a thousand usual reviews are 1 MB, a thousand of 64 KiB come in parts."""


def store(
    table: type[Table], rows: Sequence[Row], key: Names, content: Names, more: Names = ()
) -> BatchOutcome:
    """Insert the rows in one statement, or update those that are known with other content.

    Args:
        table: where they belong; it has ``changed_date``.
        rows: ready for JSON; of a key that comes twice the last one counts.
        key: the columns that identify a row.
        content: the columns in which a difference is a change.
        more: columns that are updated with a change, but are none themselves.
    """
    given = {tuple(row[name] for name in key): row for row in rows}
    # In the order of the keys, so that two batches wait for each other but never in a circle.
    in_order = [given[one] for one in sorted(given)]
    names = (*key, *content, *more)
    statement = (
        table.insert_from(_as_table(table, in_order, names), names)
        .on_conflict(
            conflict_target=key,
            preserve=(*content, *more),
            update={"changed_date": fn.clock_timestamp()},
            where=_differs(table, content),
        )
        .returning(SQL("xmax = 0"))  # A row that was updated has the update's transaction there.
    )
    news = [is_new for (is_new,) in statement.tuples().execute()]
    return BatchOutcome(received=len(rows), new=sum(news), changed=len(news) - sum(news))


def _as_table(table: type[Table], rows: Sequence[Row], names: Names) -> Select:
    """Return the rows as a query on one value of JSON, quicker than a value a field."""
    shape = SQL(f"null::{table._meta.table_name}")  # noqa: SLF001 (peewee's own way to ask)
    recordset = fn.json_populate_recordset(shape, json.dumps(rows))
    return Select([recordset], [SQL(name) for name in names])


def _differs(table: type[Table], content: Names) -> Any:  # noqa: ANN401 (peewee's expressions have no public type)
    stored = Tuple(*(getattr(table, name) for name in content))
    offered = Tuple(*(getattr(EXCLUDED, name) for name in content))
    return Expression(stored, "IS DISTINCT FROM", offered)
