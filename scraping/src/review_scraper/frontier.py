"""The pages of a pass: which wait, which are done, which failed.

The frontier is on disk, so that its size does not matter and a killed run goes on where it was.
A page that is handed out still waits on disk until its results are stored: only this process
remembers that it is being fetched.
"""

import json
import sqlite3
import time
from collections import deque
from dataclasses import dataclass
from urllib.parse import urldefrag

from review_scraper.database import transaction
from review_scraper.extraction import Link
from review_scraper.profile import Profile
from review_scraper.shards import Shard

FIRST = -1.0
"""The priority of pages that continue what was begun, so that little is open at a time."""

BATCH = 16
"""How many pages are read ahead from disk."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page is in its series, the pages of one list or company: its number is from 1."""

    series: str
    number: int


@dataclass(frozen=True, slots=True)
class Page:
    """A page to fetch."""

    id: int
    link: Link
    place: Place
    browser: bool


@dataclass(frozen=True, slots=True)
class Pass:
    """One walk over the whole site."""

    id: int
    resumed: bool


class Frontier:
    """The pages of the current pass."""

    def __init__(self, connection: sqlite3.Connection, profile: Profile) -> None:
        self._connection = connection
        self._profile = profile
        self._taken: set[int] = set()
        self._ahead: dict[bool, deque[Page]] = {False: deque(), True: deque()}

    def begin(self, shard: Shard | None = None) -> Pass:
        """Return the unfinished pass, or begin a new one with the start pages of a shard."""
        row = self._connection.execute("SELECT id FROM pass WHERE finished IS NULL").fetchone()
        if row:
            return Pass(row[0], resumed=True)
        with transaction(self._connection):
            for table in ("page", "reject"):
                self._connection.execute(f"DELETE FROM {table}")  # noqa: S608 (two literals)
            query = "INSERT INTO pass (started) VALUES (?) RETURNING id"
            begun = self._connection.execute(query, (time.time(),)).fetchone()[0]
            for url in self._starts(shard or Shard()):
                self.add(Link(self._profile.start_kind, url))
        return Pass(begun, resumed=False)

    def _starts(self, shard: Shard) -> list[str]:
        """Every shard reads the categories; lists and companies are shared out."""
        urls = self._profile.start_urls
        shared = self._profile.start_kind != "categories"
        return [url for url in urls if not shared or shard.owns(url)]

    def finish(self) -> bool:
        """End the pass if no page waits any more; say whether it did."""
        query = """UPDATE pass SET finished = ? WHERE finished IS NULL
            AND NOT EXISTS (SELECT 1 FROM page WHERE state = 'waiting')"""
        return self._connection.execute(query, (time.time(),)).rowcount > 0

    def add(self, link: Link, place: Place | None = None, *, priority: float = 0) -> bool:
        """Let a page wait, unless this pass knows it; say whether it is new.

        Without a place in a series, the page begins one.
        """
        url = urldefrag(link.url).url
        values = (
            url,
            link.kind,
            json.dumps(dict(link.context)),
            place.series if place else url,
            place.number if place else 1,
            self._profile.pages[link.kind].render == "browser",
            FIRST if place else priority,
        )
        query = """INSERT OR IGNORE INTO page
            (url, kind, context, series, number, browser, priority) VALUES (?, ?, ?, ?, ?, ?, ?)"""
        return self._connection.execute(query, values).rowcount > 0

    def take(self, *, browser: bool) -> Page | None:
        """Hand out the next page of those for the browser or the others."""
        ahead = self._ahead[browser]
        if not ahead:
            ahead.extend(self._waiting(browser=browser))
            self._taken.update(page.id for page in ahead)
        return ahead.popleft() if ahead else None

    def waits(self) -> bool:
        """Say whether a page waits that is not being fetched."""
        return any(self._ahead.values()) or any(
            self._waiting(browser=browser) for browser in (False, True)
        )

    def _waiting(self, *, browser: bool) -> list[Page]:
        query = """SELECT id, kind, url, context, series, number FROM page
            WHERE state = 'waiting' AND browser = ? ORDER BY priority, id LIMIT ?"""
        limit = len(self._taken) + BATCH
        rows = self._connection.execute(query, (browser, limit)).fetchall()
        free = [row for row in rows if row[0] not in self._taken][:BATCH]
        return [
            Page(id_, Link(kind, url, json.loads(context)), Place(series, number), browser)
            for id_, kind, url, context, series, number in free
        ]

    def close(self, page: Page, state: str, reason: str | None = None) -> None:
        """Write down that a page is done or failed."""
        query = "UPDATE page SET state = ?, reason = ? WHERE id = ?"
        self._connection.execute(query, (state, reason, page.id))

    def forget(self, page: Page) -> None:
        """Remember no longer that a page is being fetched."""
        self._taken.discard(page.id)

    def counts(self) -> dict[str, int]:
        """Return how many pages of the pass wait, are done and failed."""
        query = "SELECT state, count(*) FROM page GROUP BY state"
        return dict(self._connection.execute(query).fetchall())

    def complaints(self, state: str, most: int) -> list[tuple[str, str]]:
        """Return the address and the reason of pages in `state` that have one."""
        query = "SELECT url, reason FROM page WHERE state = ? AND reason IS NOT NULL LIMIT ?"
        return self._connection.execute(query, (state, most)).fetchall()
