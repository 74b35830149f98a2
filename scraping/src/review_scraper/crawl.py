"""A crawl from its beginning to its summary."""

import asyncio
import os
import resource
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from scrapy.crawler import AsyncCrawlerProcess, Crawler

from review_scraper.api_client import ApiClient
from review_scraper.collection import Collection
from review_scraper.database import open_database
from review_scraper.delivery import Delivery
from review_scraper.errors import UsageError
from review_scraper.feeds import write_feed
from review_scraper.frontier import Frontier
from review_scraper.lock import only_crawl
from review_scraper.metrics import serve_metrics
from review_scraper.outbox import Outbox
from review_scraper.profile import Profile
from review_scraper.progress import progress
from review_scraper.recorder import Recorder, Rules
from review_scraper.rejects_file import write_rejects
from review_scraper.run import Budgets, Run
from review_scraper.scrapy_settings import Pace, scrapy_settings
from review_scraper.settings import Settings
from review_scraper.spider import ReviewSpider
from review_scraper.summary import MOST_SHOWN, Summary
from review_scraper.tally import Tally

SECONDS_TO_STOP = 15.0
"""After a signal; pages that are still under way then are left for the next run."""


@dataclass(frozen=True)
class Order:
    """What is to be crawled, how, and where the results go."""

    profile: Profile
    state: Path
    rules: Rules = field(default_factory=Rules)
    budgets: Budgets = field(default_factory=Budgets)
    pace: Pace = field(default_factory=Pace)
    api: str | None = None
    feed: Path | None = None
    metrics_port: int | None = None

    @property
    def database(self) -> Path:
        """The file of the state."""
        return self.state / f"{self.profile.name}-{self.rules.shard.name}.sqlite"


@dataclass(frozen=True)
class Result:
    """How a run ended: the code for the shell, and the summary."""

    code: int
    summary: Summary


def crawl(order: Order, settings: Settings, console: Console) -> Result:
    """Crawl until the pass is finished, a budget is used up, or a signal comes.

    Raises:
        ScraperError: the crawl cannot begin.
    """
    check_consent(order.profile, settings)
    order.state.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        stack.enter_context(only_crawl(order.database.with_suffix(".sqlite.lock")))
        tally = Tally()
        if order.metrics_port is not None:
            serve_metrics(tally, settings.scraper_metrics_host, order.metrics_port)
        stack.enter_context(progress(tally, console))
        return _crawl(order, settings, tally)


def check_consent(profile: Profile, settings: Settings) -> None:
    """Raise UsageError where the site's terms are to be accepted and are not."""
    if profile.needs_consent and profile.name not in settings.accepted:
        message = (
            f"read the terms of this site ({profile.terms_url or profile.start_urls[0]}); "
            f"if you may crawl it, set SCRAPER_ACCEPT_TERMS={profile.name}"
        )
        raise UsageError(message)


def _crawl(order: Order, settings: Settings, tally: Tally) -> Result:
    connection = open_database(order.database)
    frontier = Frontier(connection, order.profile)
    pass_ = frontier.begin()
    recorder = Recorder(connection, order.profile, frontier, pass_.id, order.rules, tally)
    run = Run(order.profile, frontier, recorder, order.budgets, tally, settings.scraper_today)
    number: list[int] = []
    with _delivery(order, settings, tally, number) as delivery:
        _fetch(run, scrapy_settings(order.profile, settings, order.pace), number)
    finished = frontier.finish()
    collection = Collection(connection)
    write_rejects(connection, order.database.with_suffix(".rejects.ndjson"))
    if order.feed:
        write_feed(collection, order.feed)
    outbox = Outbox(connection)
    summary = _summary(order, run, collection, outbox, finished=finished)
    return Result(_code(order, run, summary, delivery, number), summary)


@contextmanager
def _delivery(
    order: Order, settings: Settings, tally: Tally, signals: list[int]
) -> Iterator[Delivery | None]:
    """Deliver meanwhile; a run that is told to stop does not wait for an API that is away."""
    if order.api is None:
        yield None
        return
    token = settings.scraper_token.get_secret_value() if settings.scraper_token else None
    client = ApiClient(order.api, token)
    delivery = Delivery(order.database, client, settings.scraper_batch, tally)
    delivery.start()
    try:
        yield delivery
    finally:
        delivery.finish(0 if signals else settings.scraper_api_wait)


def _fetch(run: Run, options: dict[str, object], signals: list[int]) -> None:
    """Run Scrapy until it has nothing more to do; the signals that came are added."""
    process = AsyncCrawlerProcess(options)
    crawler = process.create_crawler(ReviewSpider)
    loop = asyncio.get_event_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _stop, number, crawler, run, signals)
    task = process.crawl(crawler, run=run)
    process.start(install_signal_handlers=False)
    task.result()
    if reason := crawler.stats and crawler.stats.get_value("memusage/limit_reached"):
        run.stop(f"memory limit {reason}")


def _stop(number: int, crawler: Crawler, run: Run, signals: list[int]) -> None:
    """End the run in order at the first signal, at once at the second."""
    signals.append(number)
    if len(signals) > 1:
        _exit_now(number)
    run.stop("stopped by a signal")
    loop = asyncio.get_event_loop()
    loop.call_later(SECONDS_TO_STOP, _exit_now, number)
    crawler.stopping = loop.create_task(crawler.stop_async())  # type: ignore[attr-defined]  # Kept alive.


def _exit_now(number: int) -> None:
    os._exit(128 + number)


def _summary(
    order: Order, run: Run, collection: Collection, outbox: Outbox, *, finished: bool
) -> Summary:
    tally, frontier = run.tally, run.frontier
    seconds = max(tally.seconds, 1e-9)
    return Summary(
        site=order.profile.name,
        shard=order.rules.shard.name,
        outcome=run.stopped or "finished",
        pass_finished=finished,
        seconds=round(seconds, 2),
        pages=tally.pages,
        browser_pages=tally.browser_pages,
        bytes=tally.bytes,
        pages_per_minute=round(60 * tally.pages / seconds, 1),
        reviews_per_second=round(tally.reviews / seconds, 1),
        companies=tally.companies,
        new_companies=tally.new_companies,
        reviews=tally.reviews,
        new_reviews=tally.new_reviews,
        changed_reviews=tally.changed_reviews,
        rejected=dict(tally.rejected),
        errors=dict(tally.errors),
        notes={note: count for note, count in tally.notes.items() if count},
        missed=frontier.complaints("done", MOST_SHOWN),
        failed=frontier.complaints("failed", MOST_SHOWN),
        pages_waiting=frontier.counts().get("waiting", 0),
        known_companies=collection.count("company"),
        known_reviews=collection.count("review"),
        delivered=tally.delivered,
        undelivered=outbox.waiting() if order.api else 0,
        peak_memory_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    )


def _code(
    order: Order, run: Run, summary: Summary, delivery: Delivery | None, signals: list[int]
) -> int:
    if signals:
        return 128 + signals[0]
    undelivered = delivery is not None and summary.undelivered > 0
    failed = summary.missed or undelivered or order.budgets.too_many_errors(run.tally)
    return 1 if failed else 0
