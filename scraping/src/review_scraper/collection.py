"""The companies and reviews that are known, each with the pass that first and last saw it."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from review_scraper.items import Company, Item, Kind, Review

LASTING: dict[type[Item], tuple[str, ...]] = {
    # A company in several lists keeps the category by which it was found first, since the order
    # of the lists is not the same in every pass.
    Company: ("category", "sub_category"),
    # New reviews move the old ones to later pages.
    Review: ("page_url",),
}
"""Fields whose change is no change of the item."""


@dataclass(slots=True)
class Kept:
    """What storing the items of a page did: the keys that are new, changed, seen or known."""

    new: int = 0
    changed: int = 0
    repeated: int = 0
    unchanged: list[int] = field(default_factory=list)
    """The first pass of each item that was known and is as it was."""


class Collection:
    """The items of one site."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def keep(self, items: Sequence[Company] | Sequence[Review], pass_id: int) -> Kept:
        """Store what is new or changed; it waits to be sent."""
        kept = Kept()
        for item in items:
            self._keep(item, pass_id, kept)
        return kept

    def _keep(self, item: Item, pass_id: int, kept: Kept) -> None:
        kind, key = identity(item)
        query = "SELECT id, first_pass, last_pass, body FROM item WHERE kind = ? AND key = ?"
        row = self._connection.execute(query, (kind, key)).fetchone()
        if row is None:
            self._insert(kind, key, pass_id, item)
            kept.new += 1
            return
        id_, first_pass, last_pass, old = row
        kept.repeated += last_pass == pass_id
        body = _body(item, old)
        if body == old:
            kept.unchanged.append(first_pass)
            self._execute("UPDATE item SET last_pass = ? WHERE id = ?", pass_id, id_)
            return
        kept.changed += 1
        update = "UPDATE item SET last_pass = ?, body = ?, revision = revision + 1 WHERE id = ?"
        self._execute(update, pass_id, body, id_)

    def _insert(self, kind: Kind, key: str, pass_id: int, item: Item) -> None:
        query = "INSERT INTO item (kind, key, first_pass, last_pass, body) VALUES (?, ?, ?, ?, ?)"
        self._execute(query, kind, key, pass_id, pass_id, _body(item))

    def _execute(self, query: str, *values: object) -> None:
        self._connection.execute(query, values)

    def count(self, kind: Kind) -> int:
        """Return how many are known."""
        query = "SELECT count(*) FROM item WHERE kind = ?"
        return int(self._connection.execute(query, (kind,)).fetchone()[0])

    def bodies(self, kind: Kind) -> Iterator[str]:
        """Return all that are known, as JSON, in the order they were found."""
        query = "SELECT body FROM item WHERE kind = ? ORDER BY id"
        return (row[0] for row in self._connection.execute(query, (kind,)))


def identity(item: Item) -> tuple[Kind, str]:
    """Return an item's kind and its key on its site."""
    if isinstance(item, Review):
        return "review", item.site_id
    if isinstance(item, Company):
        return "company", item.url
    raise TypeError(type(item))


def _body(item: Item, old: str | None = None) -> str:
    """Return the item as JSON, with what is kept of it as it was known."""
    body = item.model_dump_json(exclude_none=True)
    if old is None or old == body:
        return body
    known = json.loads(old)
    lasting = {name: known[name] for name in LASTING[type(item)] if name in known}
    return item.model_copy(update=lasting).model_dump_json(exclude_none=True)
