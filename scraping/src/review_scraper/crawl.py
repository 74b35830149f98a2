"""A crawl from its beginning to its summary."""

import sqlite3
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from review_scraper.api_client import ApiClient
from review_scraper.collection import Collection
from review_scraper.database import open_database
from review_scraper.delivery import Delivery
from review_scraper.engine import fetch_pages
from review_scraper.errors import UsageError
from review_scraper.feeds import write_feed
from review_scraper.frontier import Frontier
from review_scraper.lock import only_crawl
from review_scraper.memory import peak_bytes
from review_scraper.metrics import serve_metrics
from review_scraper.outbox import Outbox
from review_scraper.profile import Profile
from review_scraper.progress import progress
from review_scraper.recorder import Recorder, Rules
from review_scraper.rejects_file import write_rejects
from review_scraper.run import Budgets, Run
from review_scraper.scrapy_settings import Pace, scrapy_settings
from review_scraper.settings import Settings
from review_scraper.summary import MOST_SHOWN, Summary
from review_scraper.tally import Tally


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
    pass_ = frontier.begin(order.rules.shard)
    recorder = Recorder(connection, order.profile, frontier, pass_.id, order.rules, tally)
    run = Run(order.profile, frontier, recorder, order.budgets, tally, settings.scraper_today)
    delivery = _start_delivery(order, settings, tally)
    number = fetch_pages(run, scrapy_settings(order.profile, settings, order.pace))
    tally.end()
    if delivery:
        # A run that is told to stop does not wait for an API that is away.
        delivery.finish(0 if number else settings.scraper_api_wait)
    finished = frontier.finish()
    write_rejects(connection, order.database.with_suffix(".rejects.ndjson"))
    if order.feed:
        write_feed(Collection(connection), order.feed)
    summary = _summary(order, run, connection, delivery, finished=finished)
    return Result(_code(run, summary, number), summary)


def _start_delivery(order: Order, settings: Settings, tally: Tally) -> Delivery | None:
    if order.api is None:
        return None
    token = settings.scraper_token.get_secret_value() if settings.scraper_token else None
    client = ApiClient(order.api, token)
    delivery = Delivery(order.database, client, settings.scraper_batch, tally)
    delivery.start()
    return delivery


def _summary(
    order: Order,
    run: Run,
    connection: sqlite3.Connection,
    delivery: Delivery | None,
    *,
    finished: bool,
) -> Summary:
    tally, frontier = run.tally, run.frontier
    collection, outbox = Collection(connection), Outbox(connection)
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
        undelivered=outbox.waiting() if delivery else 0,
        delivery_refused=delivery.refused if delivery else None,
        peak_memory_mb=peak_bytes() // 2**20,
    )


def _code(run: Run, summary: Summary, number: int | None) -> int:
    if number:
        return 128 + number
    return 1 if run.failed or summary.missed or summary.undelivered else 0
