"""Runs Scrapy until there is nothing more to do, or a signal comes."""

import asyncio
import os
import signal
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess, Crawler

from review_scraper.run import Run
from review_scraper.spider import ReviewSpider

SECONDS_TO_STOP = 15.0
"""After a signal; pages that are still under way then are left for the next run."""


def fetch_pages(run: Run, options: dict[str, Any]) -> int | None:
    """Fetch pages, with Scrapy's settings; return the signal that ended it, if one did."""
    process = AsyncCrawlerProcess(options)
    crawler = process.create_crawler(ReviewSpider)
    stop = Stop(run, crawler)
    loop = asyncio.get_event_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop, number)
    task = process.crawl(crawler, run=run)
    process.start(install_signal_handlers=False)
    task.result()
    if crawler.stats and crawler.stats.get_value("memusage/limit_reached"):
        run.fail("memory limit")
    return stop.number


class Stop:
    """Ends a run in order at the first signal, at once at the second."""

    def __init__(self, run: Run, crawler: Crawler) -> None:
        self._run = run
        self._crawler = crawler
        self._stopping: asyncio.Task[None] | None = None
        self.number: int | None = None

    def __call__(self, number: int) -> None:
        """Take a signal."""
        if self.number is not None:
            _exit_now(number)
        self.number = number
        self._run.stop("stopped by a signal")
        loop = asyncio.get_event_loop()
        loop.call_later(SECONDS_TO_STOP, _exit_now, number)
        # An engine that has not begun cannot be stopped; it ends since no page is handed out.
        if self._crawler.engine and self._crawler.engine.running:
            self._stopping = loop.create_task(self._crawler.stop_async())


def _exit_now(number: int) -> None:
    """End the process; what is on disk is whole at any moment."""
    os._exit(128 + number)
