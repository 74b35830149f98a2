"""The browser as a download handler: scrapy-playwright's, with a browser that may die any time.

Opening a tab costs more than loading a page, so that tabs serve page after page. A page whose
script never ends answers nothing any more; the browser can close its tab all the same, and should
it not, the browser is ended. A browser that died is started again for the next page; the pages it
had are tried again like any whose connection broke.
"""

import asyncio
from contextlib import suppress
from importlib import resources
from typing import TYPE_CHECKING, Any

from playwright.async_api import Error, Page, Route
from scrapy import Spider, signals
from scrapy.exceptions import DownloadTimeoutError
from scrapy.http import HtmlResponse, Request, Response
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler

from review_scraper.gate import Gate
from review_scraper.profile import PageRule

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from review_scraper.web import ProfileSpider

SECONDS_TO_OPEN = 15.0
SECONDS_TO_CLOSE = 3.0
MOST_STARTS = 3
"""How often a browser that dies at once is started before it is given up."""

QUIET = 0.25
"""Seconds without a request after which a page expects nothing more."""

MOST_MOVES = 3
"""How often a page may go elsewhere by itself while it is read."""


class PageHangsError(Exception):
    """A page did not answer in time."""


class NoBrowserError(Exception):
    """The browser does not start; the message says why in one line."""


class Browser(ScrapyPlaywrightDownloadHandler):  # type: ignore[misc]  # It has no types.
    """Renders the pages that need it, a few at a time."""

    def __init__(self, crawler: "Crawler") -> None:
        super().__init__(crawler)
        spider: ProfileSpider = crawler.spider  # type: ignore[assignment]  # The only spider.
        self._profile = spider.profile
        self._patience = crawler.settings.getfloat("SETTLE_SECONDS")
        self._limit = crawler.settings.getfloat("DOWNLOAD_TIMEOUT")
        self._gate = Gate(self._profile, crawler.settings["USER_AGENT"])
        self._idle: list[Page] = []
        self._opening = asyncio.Lock()
        scripts = resources.files("review_scraper")
        self._traffic = (scripts / "traffic.js").read_text(encoding="utf-8")
        self._show_all = (scripts / "show_all.js").read_text(encoding="utf-8")
        crawler.signals.connect(self._gate.robots_parsed, signals.robots_parsed)

    async def _download_request(self, request: Request, spider: Spider | None = None) -> Response:  # noqa: ARG002 (the handler's own signature)
        tab = self._idle_tab() or await self._open_tab(request)
        try:
            async with asyncio.timeout(self._limit):
                response = await self._render(tab, request)
        except TimeoutError:
            await self._destroy(tab)
            raise PageHangsError(request.url) from None
        except BaseException:
            await self._destroy(tab)
            raise
        self._idle.append(tab)
        return response

    def _idle_tab(self) -> Page | None:
        while self._idle:
            tab = self._idle.pop()
            if not tab.is_closed():
                return tab
        return None

    async def _open_tab(self, request: Request) -> Page:
        """Open a tab, and the browser where none runs; one at a time."""
        try:
            async with asyncio.timeout(SECONDS_TO_OPEN), self._opening:
                if not self._runs():
                    await self._start(request.meta["playwright_context_kwargs"])
                return await self._prepared(await self.context.new_page())
        except TimeoutError as error:
            await self._end()
            message = "the browser does not open a page"
            raise DownloadTimeoutError(message) from error

    def _runs(self) -> bool:
        return hasattr(self, "browser") and self.browser.is_connected()

    async def _start(self, options: dict[str, Any]) -> None:
        for tries_left in reversed(range(MOST_STARTS)):
            try:
                self.browser = await self.browser_provider.launch_browser()
                self.context = await self.browser.new_context(**options)
            except Error as error:
                if not tries_left:
                    raise NoBrowserError(error.message.splitlines()[0]) from error
            else:
                return

    async def _prepared(self, tab: Page) -> Page:
        async def decide(route: Route) -> None:
            # The script of a page that was read may go on asking.
            if tab in self._idle or self._gate.refuses(route.request):
                await route.abort()
            else:
                await route.continue_()

        await tab.add_init_script(self._traffic)
        await tab.route("**", decide)
        return tab

    async def _render(self, tab: Page, request: Request) -> Response:
        answer = await tab.goto(request.url, wait_until="domcontentloaded")
        html = await self._read(tab, self._profile.pages[request.meta["kind"]])
        return HtmlResponse(
            tab.url,
            status=answer.status if answer else 200,
            headers=answer.headers if answer else None,
            body=html,
            encoding="utf-8",
            request=request,
        )

    async def _read(self, tab: Page, rule: PageRule) -> str:
        orders = self._orders(rule)
        for _ in range(MOST_MOVES):
            try:
                return str(await tab.evaluate(self._show_all, orders))
            except Error as error:
                if "context was destroyed" not in error.message:
                    raise
                await tab.wait_for_load_state("domcontentloaded")
        return await tab.content()

    def _orders(self, rule: PageRule) -> dict[str, Any]:
        ways = {"button": rule.button, "scroll": rule.scroll}
        return {
            "ready": rule.ready,
            "next": rule.next is not None,
            "patience": 1000 * self._patience,
            "quiet": 1000 * QUIET,
            **{name: way.model_dump() if way else None for name, way in ways.items()},
        }

    async def _destroy(self, tab: Page) -> None:
        """Get rid of a tab that may answer nothing."""
        with suppress(TimeoutError, Error):
            async with asyncio.timeout(SECONDS_TO_CLOSE):
                await tab.close()
        if self._runs() and not tab.is_closed():
            await self._end()

    async def _end(self) -> None:
        """End the browser; the next page starts it again."""
        if self._runs():
            with suppress(TimeoutError, Error):
                async with asyncio.timeout(SECONDS_TO_CLOSE):
                    await self.browser.close()
            del self.browser

    async def _close(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(SECONDS_TO_CLOSE):
                await super()._close()
