"""Writes down what came of a page: its items, the pages that follow, and that it is done.

All of it is one transaction, so that a process killed at any moment has stored a page wholly or
not at all; the page is then fetched again. Here is also decided where a series of pages ends.
"""

import json
import sqlite3
import time
from dataclasses import dataclass, field
from typing import Literal

from review_scraper.collection import Collection, Kept
from review_scraper.database import transaction
from review_scraper.extraction import Found, Link
from review_scraper.frontier import Frontier, Page, Place
from review_scraper.profile import Profile
from review_scraper.shards import Shard
from review_scraper.tally import Tally

End = Literal["last page", "known reviews", "repeated reviews", "page limit", "missed"]
"""Why a series of pages goes no further."""


@dataclass(frozen=True)
class Rules:
    """What a crawl follows, besides the site's profile."""

    shard: Shard = field(default_factory=Shard)
    revisit_after: float = 0
    """Seconds before a company is read again."""
    full: bool = False
    """Whether to read companies to their last page, also past what is known."""


class Recorder:
    """Stores the outcome of every page of one pass."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        profile: Profile,
        frontier: Frontier,
        pass_id: int,
        rules: Rules,
        tally: Tally,
    ) -> None:
        self._connection = connection
        self._profile = profile
        self._frontier = frontier
        self._pass = pass_id
        self._rules = rules
        self._tally = tally
        self._collection = Collection(connection)

    def found(self, page: Page, found: Found) -> None:
        """Store what a page gave."""
        with transaction(self._connection):
            companies = self._collection.keep(found.companies, self._pass)
            reviews = self._collection.keep(found.reviews, self._pass)
            self._keep_rejects(found)
            for link in found.links:
                self._follow(link)
            self._continue(page, found, reviews)
            self._frontier.close(page, "done", "; ".join(found.missed) or None)
        self._frontier.forget(page)
        self._count(page, found, companies, reviews)

    def moved(self, page: Page, url: str) -> None:
        """Store that a page is elsewhere, where it will be fetched unless the pass knows it.

        The frontier knows each address once, so that a loop of redirects ends by itself.
        """
        with transaction(self._connection):
            self._move(page, Link(page.link.kind, url, page.link.context))
            self._frontier.close(page, "done")
        self._frontier.forget(page)
        self._tally.notes["redirect"] += 1

    def _move(self, page: Page, link: Link) -> None:
        if page.place.number > 1:
            self._frontier.add(link, page.place)
        elif link.kind == "company":
            self._follow_company(link)
        else:
            self._frontier.add(link)

    def skipped(self, page: Page, note: str) -> None:
        """Store that there is nothing to read at a page, through no fault."""
        self._close(page, "done", note if self._leads_to_all(page) else None)
        self._tally.notes[note] += 1

    def failed(self, page: Page, reason: str) -> None:
        """Store that a page was given up."""
        state = "done" if self._leads_to_all(page) else "failed"
        self._close(page, state, reason)
        self._tally.errors[reason] += 1

    def _leads_to_all(self, page: Page) -> bool:
        """Say whether without this page there is nothing to crawl: that is never all right."""
        return page.link.kind == "categories" or page.link.url in self._profile.start_urls

    def _close(self, page: Page, state: str, reason: str | None) -> None:
        with transaction(self._connection):
            self._frontier.close(page, state, reason)
        self._frontier.forget(page)

    def _keep_rejects(self, found: Found) -> None:
        query = "INSERT INTO reject (kind, reason, page_url, raw) VALUES (?, ?, ?, ?)"
        for one in found.rejects:
            raw = json.dumps(one.raw, ensure_ascii=False, default=str)
            self._connection.execute(query, (one.kind, one.reason, one.page_url, raw))

    def _follow(self, link: Link) -> None:
        if not self._profile.allows(link.url):
            self._tally.notes["link to another site"] += 1
        elif link.kind == "companies" and not self._rules.shard.owns(link.url):
            self._tally.notes["list of another shard"] += 1
        elif link.kind == "company":
            self._follow_company(link)
        else:
            self._frontier.add(link)

    def _follow_company(self, link: Link) -> None:
        """Let a company wait: those never read before the rest, the longest unread first."""
        pass_id, at = self._visited(link.url) or (self._pass, 0)
        if pass_id != self._pass and time.time() - at < self._rules.revisit_after:
            self._tally.notes["company read lately"] += 1
        else:
            self._frontier.add(link, priority=at)

    def _visited(self, url: str) -> tuple[int, float] | None:
        query = "SELECT pass, time FROM visit WHERE url = ?"
        row: tuple[int, float] | None = self._connection.execute(query, (url,)).fetchone()
        return row

    def _continue(self, page: Page, found: Found, reviews: Kept) -> None:
        end = self._end(page, found, reviews)
        if end is None and found.next is not None:
            self._frontier.add(found.next, Place(page.place.series, page.place.number + 1))
            return
        if end != "last page":
            self._tally.notes[f"stopped at {end}"] += 1
        if page.link.kind == "company" and end != "missed":
            self._visit(page.place.series)

    def _end(self, page: Page, found: Found, reviews: Kept) -> End | None:
        """Say why the series ends on this page, if it does."""
        if found.missed:
            return "missed"
        if found.next is None or not self._profile.allows(found.next.url):
            return "last page"
        if page.link.kind == "company" and (end := self._end_of_news(page, found, reviews)):
            return end
        return "page limit" if page.place.number > self._profile.limits.next_pages else None

    def _end_of_news(self, page: Page, found: Found, reviews: Kept) -> End | None:
        """Say whether a page reaches what an earlier, complete visit has read, or only repeats."""
        complete, _ = self._visited(page.place.series) or (0, 0)
        if not self._rules.full and min(reviews.unchanged, default=self._pass) <= complete:
            return "known reviews"
        if page.place.number > 1 and not found.rejects and reviews.repeated == len(found.reviews):
            return "repeated reviews"
        return None

    def _visit(self, url: str) -> None:
        query = "INSERT OR REPLACE INTO visit (url, pass, time) VALUES (?, ?, ?)"
        self._connection.execute(query, (url, self._pass, time.time()))

    def _count(self, page: Page, found: Found, companies: Kept, reviews: Kept) -> None:
        tally = self._tally
        tally.companies += page.link.kind == "company" and page.place.number == 1
        tally.new_companies += companies.new
        tally.reviews += len(found.reviews)
        tally.new_reviews += reviews.new
        tally.changed_reviews += reviews.changed
        tally.rejected.update(one.reason for one in found.rejects)
