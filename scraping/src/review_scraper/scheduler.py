"""Scrapy's scheduler on the frontier: what to fetch next, and when to hand out nothing more.

The frontier is also the filter of duplicates. Requests that come back from Scrapy are repeats of
pages that are being fetched; they are few, and kept in memory.
"""

from collections import deque
from typing import TYPE_CHECKING, Self

from scrapy.core.scheduler import BaseScheduler
from scrapy.http import Request

from review_scraper.frontier import Page

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from review_scraper.spider import ReviewSpider


class FrontierScheduler(BaseScheduler):
    """Hands out pages of the frontier while the run goes on."""

    def __init__(self, spider: "ReviewSpider", browser_pages: int) -> None:
        self._spider = spider
        self._browser_pages = browser_pages
        self._repeats: deque[Request] = deque()

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Return the scheduler of a crawl, as Scrapy asks for it."""
        spider: ReviewSpider = crawler.spider  # type: ignore[assignment]  # The only spider.
        return cls(spider, crawler.settings.getint("PLAYWRIGHT_MAX_PAGES_PER_CONTEXT"))

    def has_pending_requests(self) -> bool:
        """Say whether there is more to hand out, now or later."""
        if self._repeats:
            return True
        return not self._spider.run.ended() and self._spider.run.frontier.waits()

    def enqueue_request(self, request: Request) -> bool:
        """Take a request that is to be repeated."""
        self._repeats.append(request)
        return True

    def next_request(self) -> Request | None:
        """Return what to fetch next: pages for the browser first, since they lead to the rest."""
        if self._repeats:
            return self._repeats.popleft()
        if self._spider.run.ended():
            return None
        page = self._next_page()
        return self._spider.request(page) if page else None

    def _next_page(self) -> Page | None:
        frontier = self._spider.run.frontier
        if self._spider.in_browser < self._browser_pages and (page := frontier.take(browser=True)):
            return page
        return frontier.take(browser=False)
