"""The browser as a download handler: scrapy-playwright's, which gives up pages that hang.

A page whose script never ends answers nothing any more. The browser can close it all the same;
should it not, it is ended, and the next page starts it again.
"""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog
from playwright.async_api import Error, Page
from scrapy import Spider, signals
from scrapy.http import Request, Response
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler

from review_scraper.gate import Gate
from review_scraper.scrolling import show_all

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from review_scraper.web import ProfileSpider

SECONDS_TO_CLOSE = 3.0

log = structlog.get_logger()


class PageHangsError(Exception):
    """A page did not answer in time."""


class Browser(ScrapyPlaywrightDownloadHandler):  # type: ignore[misc]  # It has no types.
    """Renders the pages that need it, a few at a time."""

    def __init__(self, crawler: "Crawler") -> None:
        super().__init__(crawler)
        spider: ProfileSpider = crawler.spider  # type: ignore[assignment]  # The only spider.
        self._profile = spider.profile
        self._patience = crawler.settings.getfloat("SETTLE_SECONDS")
        self._limit = crawler.settings.getfloat("DOWNLOAD_TIMEOUT")
        gate = Gate(self._profile, crawler.settings["USER_AGENT"])
        self.abort_request = gate.refuses
        self._gate = gate
        crawler.signals.connect(gate.robots_parsed, signals.robots_parsed)

    async def _download_request_with_page(
        self, request: Request, page: Page, spider: Spider
    ) -> Response:
        try:
            async with asyncio.timeout(self._limit):
                response: Response = await super()._download_request_with_page(
                    request, page, spider
                )
                return response
        except TimeoutError:
            await self._destroy(page)
            raise PageHangsError(request.url) from None

    async def _apply_page_methods(self, page: Page, request: Request, spider: Spider) -> None:  # noqa: ARG002 (the handler's own signature)
        await show_all(page, self._profile.pages[request.meta["kind"]], self._patience)

    async def _destroy(self, page: Page) -> None:
        """Get rid of a page that may answer nothing."""
        for end in (page.close, self.browser.close):
            with suppress(TimeoutError, Error):
                async with asyncio.timeout(SECONDS_TO_CLOSE):
                    await end()
            if page.is_closed():
                return
        log.error("a page of the browser cannot be closed", url=page.url)

    async def _close(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(SECONDS_TO_CLOSE):
                await super()._close()
