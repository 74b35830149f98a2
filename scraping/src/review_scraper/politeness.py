"""Manners that Scrapy lacks: Retry-After, Crawl-delay, and a robots.txt that cannot be read."""

import asyncio
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

import structlog
from scrapy import signals
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Request, Response
from scrapy.robotstxt import ProtegoRobotParser
from scrapy.utils.misc import build_from_crawler

if TYPE_CHECKING:
    from scrapy.core.downloader import Slot
    from scrapy.crawler import Crawler
    from scrapy.robotstxt import RobotParser

BUSY = {429, 503}
MOST_TRIES = 10
LONGEST_PAUSE = 300.0
"""Seconds that a run waits for a site; one that wants more is left until the next run."""

SMALLEST_DELAY = 0.05
"""Seconds between requests after the first "too many requests", where there was no delay."""

NOTHING = b"User-agent: *\nDisallow: /"

log = structlog.get_logger()


class ComeBackLaterError(IgnoreRequest):
    """The site wants to be left alone for longer than a run waits."""


class RetryAfter:
    """Waits as long as a busy site says before anything more is asked of it."""

    def __init__(self, crawler: "Crawler") -> None:
        self._crawler = crawler
        self._resume: dict[str, float] = {}

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Return the middleware of a crawl, as Scrapy asks for it."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Hold a request back until its host may be asked again."""
        host = urlsplit(request.url).netloc
        while (pause := self._resume.get(host, 0) - time.monotonic()) > 0:
            await asyncio.sleep(pause)
        if slot := self._slot(request):
            request.meta["asked_at_delay"] = slot.delay

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Ask again later where the host is busy."""
        if response.status not in BUSY:
            return response
        tries = request.meta.get("retry_times", 0)
        pause = retry_after(response)
        self._pause(request, min(2.0**tries, 60.0) if pause is None else pause)
        if response.status == 429:  # noqa: PLR2004 (too many requests)
            self._slow_down(request)
        again = get_retry_request(
            request,
            spider=self._crawler.spider,  # type: ignore[arg-type]  # It is open here.
            reason=f"status {response.status}",
            max_retry_times=MOST_TRIES,
            give_up_log_level="DEBUG",
        )
        return again or response

    def _pause(self, request: Request, seconds: float) -> None:
        if seconds > LONGEST_PAUSE:
            reason = f"the site asks to be left alone for {seconds:.0f} s"
            self._crawler.spider.run.stop(reason)  # type: ignore[union-attr]  # Ours, and open.
            raise ComeBackLaterError(reason)
        host = urlsplit(request.url).netloc
        self._resume[host] = max(self._resume.get(host, 0), time.monotonic() + seconds)

    def _slow_down(self, request: Request) -> None:
        """Halve the rate; answers to requests that were under way say nothing of the new one."""
        slot = self._slot(request)
        if slot and request.meta.get("asked_at_delay", slot.delay) == slot.delay:
            slot.delay = max(2 * slot.delay, SMALLEST_DELAY)

    def _slot(self, request: Request) -> "Slot | None":
        downloader = self._crawler.engine.downloader
        return downloader.slots.get(downloader.get_slot_key(request))


def retry_after(response: Response) -> float | None:
    """Return how many seconds the answer asks to wait: it states them, or a date."""
    value = (response.headers.get(b"Retry-After") or b"").decode("latin-1").strip()
    if value.isdecimal():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


class Robots(RobotsTxtMiddleware):
    """Obeys robots.txt; where the site cannot say what it allows, nothing is (RFC 9309)."""

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status in BUSY or response.status >= 500:  # noqa: PLR2004 (server errors)
            log.error("robots.txt cannot be read", status=response.status, site=netloc)
            response = response.replace(body=NOTHING)
        await super()._parse_robots(response, netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        log.error("robots.txt cannot be read", reason=type(exc).__name__, site=netloc)
        waiting = self._parsers[netloc]
        nothing: RobotParser = build_from_crawler(ProtegoRobotParser, self.crawler, NOTHING)
        self._parsers[netloc] = nothing
        waiting.callback(nothing)  # type: ignore[union-attr]  # Scrapy put a Deferred there.


class CrawlDelay:
    """Keeps to the Crawl-delay of robots.txt where it is longer than ours."""

    def __init__(self, crawler: "Crawler") -> None:
        self._crawler = crawler
        crawler.signals.connect(self._parsed, signals.robots_parsed)

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Return the extension of a crawl, as Scrapy asks for it."""
        return cls(crawler)

    def _parsed(self, robotparser: ProtegoRobotParser) -> None:
        delay = robotparser.rp.crawl_delay(self._crawler.settings["USER_AGENT"])
        if not delay:
            return
        downloader = self._crawler.engine.downloader
        for slot in downloader.slots.values():
            slot.delay = max(slot.delay, delay)
        downloader._delay = max(downloader._delay, delay)  # noqa: SLF001 (as AutoThrottle does)
        throttle = self._crawler.get_extension(AutoThrottle)
        if throttle:
            throttle.mindelay = max(throttle.mindelay, delay)
