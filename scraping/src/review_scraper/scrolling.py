"""Makes a page in the browser show all it has: waits, presses its button, scrolls down."""

import asyncio
import time
from contextlib import suppress
from types import TracebackType
from typing import Self

from playwright.async_api import Page, Request
from playwright.async_api import TimeoutError as BrowserTimeout

from review_scraper.profile import Button, PageRule, Scroll

SIZE = "document.getElementsByTagName('*').length"
PRESS = """selector => {
    const button = document.querySelector(selector);
    if (!button || button.disabled || !button.getClientRects().length) return false;
    button.click();
    return true;
}"""
# Where all fits the window, scrolling moves nothing, and only the event tells the page.
SCROLL = """end => {
    if (end && document.querySelector(end)) return false;
    window.scrollTo(0, document.documentElement.scrollHeight);
    window.dispatchEvent(new Event('scroll'));
    return true;
}"""

POLL = 0.03
QUIET = 0.3
"""Seconds without a request after which nothing more is on its way."""

DATA = {"xhr", "fetch"}


class Traffic:
    """Watches the requests by which a page's scripts get data."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._open = 0
        self._last = time.monotonic()

    def __enter__(self) -> Self:
        self._page.on("request", self._began)
        self._page.on("requestfinished", self._ended)
        self._page.on("requestfailed", self._ended)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._page.remove_listener("request", self._began)
        self._page.remove_listener("requestfinished", self._ended)
        self._page.remove_listener("requestfailed", self._ended)

    def _began(self, request: Request) -> None:
        self._count(request, 1)

    def _ended(self, request: Request) -> None:
        self._count(request, -1)

    def _count(self, request: Request, change: int) -> None:
        if request.resource_type in DATA:
            self._open = max(0, self._open + change)
            self._last = time.monotonic()

    def quiet(self) -> bool:
        """Say whether nothing is on its way, and has not been for a while."""
        return self._open == 0 and time.monotonic() - self._last > QUIET

    def expect(self) -> None:
        """Begin the while anew: something was done that may lead to a request."""
        self._last = time.monotonic()


async def show_all(page: Page, rule: PageRule, patience: float) -> None:
    """Wait until the page is ready, and bring all of a list that the rule knows how to bring.

    A page that does not settle is taken as it is after `patience` seconds.
    """
    if rule.ready:
        with suppress(BrowserTimeout):
            await page.wait_for_selector(rule.ready, state="attached", timeout=1000 * patience)
    for way in (rule.button, rule.scroll):
        if way:
            with Traffic(page) as traffic:
                await _bring_more(page, way, traffic, patience)


async def _bring_more(page: Page, way: Button | Scroll, traffic: Traffic, patience: float) -> None:
    script, argument = (PRESS, way.selector) if isinstance(way, Button) else (SCROLL, way.end)
    for _ in range(way.most):
        size = await page.evaluate(SIZE)
        traffic.expect()
        if not await page.evaluate(script, argument):
            return
        if not await _grows(page, size, traffic, patience):
            return


async def _grows(page: Page, size: int, traffic: Traffic, patience: float) -> bool:
    """Wait until the page has more in it, or nothing more can be expected."""
    give_up = time.monotonic() + patience
    while time.monotonic() < give_up:
        if await page.evaluate(SIZE) > size:
            return True
        if traffic.quiet():
            return False
        await asyncio.sleep(POLL)
    return False
