"""The spider: turns pages of the frontier into requests, and answers into what is recorded."""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urljoin

import structlog
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response
from twisted.python.failure import Failure

from review_scraper.browser import NoBrowserError
from review_scraper.extraction import read_page
from review_scraper.frontier import Page
from review_scraper.politeness import ComeBackLaterError
from review_scraper.run import Run
from review_scraper.web import ProfileSpider, failure_reason, html_of, page_request

MOVED = {301, 302, 303, 307, 308}
GONE = {404, 410}

log = structlog.get_logger()


class ReviewSpider(ProfileSpider):
    """Crawls one site by its profile."""

    name = "reviews"

    def __init__(self, run: Run, **options: Any) -> None:  # noqa: ANN401 (Scrapy's own options)
        super().__init__(**options)
        self.run = run
        self.profile = run.profile
        self.in_browser = 0
        """How many pages the browser has at this moment."""

    async def start(self) -> AsyncIterator[Any]:
        """Yield nothing: all requests come from the frontier."""
        nothing: tuple[Any, ...] = ()
        for one in nothing:
            yield one

    def request(self, page: Page) -> Request:
        """Return the request for a page; the frontier gave it out."""
        self.run.taken += 1
        self.in_browser += page.browser
        return page_request(self, page.link, self.parse, self.give_up, page=page)

    def parse(self, response: Response) -> None:
        """Record what came of a page that was answered."""
        page: Page = response.meta["page"]
        self._left(page)
        with self._state_needed():
            self._answered(page, response)

    def _answered(self, page: Page, response: Response) -> None:
        self.run.tally.bytes += len(response.body)
        if not self.run.profile.allows(response.url):
            self.run.recorder.skipped(page, "redirect to another site")
        elif response.status in MOVED:
            self._follow(page, response)
        elif response.status in GONE:
            self.run.recorder.skipped(page, "gone")
        elif response.status // 100 != 2:  # noqa: PLR2004 (every status of success)
            self._fail(page, f"status {response.status}")
        else:
            self._read(page, response)

    def give_up(self, failure: Failure) -> None:
        """Record that a page was not answered."""
        page: Page = failure.request.meta["page"]  # type: ignore[attr-defined]  # Scrapy sets it.
        self._left(page)
        with self._state_needed():
            self._unanswered(page, failure)

    @contextmanager
    def _state_needed(self) -> Iterator[None]:
        """End the run when nothing can be recorded any more, as on a full disk."""
        try:
            yield
        except sqlite3.Error as error:
            log.error("the state cannot be written", reason=str(error))
            self.run.fail(f"the state cannot be written: {error}")

    def _unanswered(self, page: Page, failure: Failure) -> None:
        if isinstance(failure.value, ComeBackLaterError):
            self.run.frontier.forget(page)
        elif isinstance(failure.value, NoBrowserError):
            self.run.frontier.forget(page)
            self.run.fail(f"the browser does not start: {failure.value}")
        elif isinstance(failure.value, IgnoreRequest):
            self.run.recorder.skipped(page, "forbidden by robots.txt")
        else:
            self._fail(page, failure_reason(failure.value))

    def _left(self, page: Page) -> None:
        self.in_browser -= page.browser
        self.run.tally.pages += 1
        self.run.tally.browser_pages += page.browser

    def _follow(self, page: Page, response: Response) -> None:
        location = response.headers.get(b"Location", b"") or b""
        url = urljoin(response.url, location.decode("utf-8", "replace"))
        if self.run.profile.allows(url):
            self.run.recorder.moved(page, url)
        else:
            self.run.recorder.skipped(page, "redirect to another site")

    def _read(self, page: Page, response: Response) -> None:
        html, wrong = html_of(response)
        self.run.tally.notes["wrong encoding"] += wrong
        try:
            found = read_page(self.run.profile, page.link, response.url, html, today=self.run.today)
        except Exception as error:  # noqa: BLE001 (one page that cannot be read must not end the run)
            self._fail(page, f"cannot be read: {type(error).__name__}")
            return
        if found.missed:
            log.error("the layout may have changed", url=page.link.url, missed=list(found.missed))
        self.run.recorder.found(page, found)

    def _fail(self, page: Page, reason: str) -> None:
        log.warning("page given up", url=page.link.url, reason=reason)
        self.run.recorder.failed(page, reason)
