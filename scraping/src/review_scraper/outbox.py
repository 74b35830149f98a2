"""What waits to be sent to the API: every item whose revision is above the one sent."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from review_scraper.database import transaction
from review_scraper.items import Kind


@dataclass(frozen=True, slots=True)
class Parcel:
    """An item as it was when it was taken out; it may have changed since."""

    id: int
    revision: int
    body: str


class Outbox:
    """The waiting items, oldest first. It needs a connection of its own in its own thread."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def batch(self, kind: Kind, most: int, most_bytes: int) -> list[Parcel]:
        """Return the next items, at least one if any waits."""
        query = """SELECT id, revision, body FROM item
            WHERE kind = ? AND sent < revision ORDER BY id LIMIT ?"""
        batch: list[Parcel] = []
        size = 0
        for row in self._connection.execute(query, (kind, most)):
            parcel = Parcel(*row)
            size += len(parcel.body.encode())
            if batch and size > most_bytes:
                break
            batch.append(parcel)
        return batch

    def sent(self, parcels: Sequence[Parcel]) -> None:
        """Take the parcels out; an item that changed meanwhile still waits."""
        with transaction(self._connection):
            self._mark(parcels)

    def refused(self, kind: Kind, parcel: Parcel, reason: str) -> None:
        """Take out what the API will never accept, and keep it as a reject."""
        query = """INSERT INTO reject (kind, reason, page_url, raw)
            VALUES (:kind, :reason, coalesce(:body ->> 'page_url', :body ->> 'url'), :body)"""
        with transaction(self._connection):
            self._mark([parcel])
            values = {"kind": kind, "reason": reason, "body": parcel.body}
            self._connection.execute(query, values)

    def _mark(self, parcels: Sequence[Parcel]) -> None:
        query = "UPDATE item SET sent = max(sent, ?) WHERE id = ?"
        self._connection.executemany(query, [(one.revision, one.id) for one in parcels])

    def waiting(self) -> int:
        """Return how many items wait."""
        query = "SELECT count(*) FROM item WHERE sent < revision"
        return int(self._connection.execute(query).fetchone()[0])
