"""The command `review-scraper`: crawl a site, try a page of it, list the profiles."""

import sqlite3
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from review_scraper import logs
from review_scraper.crawl import Order, check_consent, crawl
from review_scraper.errors import ScraperError, UsageError
from review_scraper.extraction import Link, read_page
from review_scraper.feeds import check_feed
from review_scraper.fetching import fetch
from review_scraper.profile import PageKind, Profile, ProfileError, load_profile, profile_names
from review_scraper.recorder import Rules
from review_scraper.run import Budgets
from review_scraper.scrapy_settings import Pace
from review_scraper.settings import read_settings
from review_scraper.shards import Shard
from review_scraper.summary import as_text, write_json
from review_scraper.trial import report

app = typer.Typer(
    help="Collects companies and reviews from review sites, politely. Settings come from the "
    "environment (SCRAPER_TOKEN, SCRAPER_CONTACT …); the room's README lists them.",
    epilog="Example: review-scraper crawl --profile demo --state state --feed reviews.csv",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

ProfileName = Annotated[
    str, typer.Option("--profile", help="A profile that comes with the scraper, or a file.")
]
BaseUrl = Annotated[
    str | None, typer.Option(help="Where the profile's site is instead, such as a demo site.")
]


@app.command(
    "crawl",
    epilog="Example: SCRAPER_TOKEN=… review-scraper crawl --profile demo "
    "--base-url http://127.0.0.1:8090 --state state --api http://127.0.0.1:8000",
)
def crawl_command(
    *,
    profile: ProfileName,
    state: Annotated[Path, typer.Option(help="Folder for what must outlast a run.")],
    base_url: BaseUrl = None,
    api: Annotated[str | None, typer.Option(help="Address of the review API.")] = None,
    feed: Annotated[
        Path | None, typer.Option(help="File for all that is known: .csv, .ndjson or .parquet.")
    ] = None,
    shard: Annotated[str, typer.Option(help="A share of the lists: i/n, such as 1/4.")] = "1/1",
    full: Annotated[
        bool, typer.Option("--full", help="Read companies also past the reviews that are known.")
    ] = False,
    max_pages: Annotated[int | None, typer.Option(min=1, help="Pages in this run.")] = None,
    max_minutes: Annotated[float | None, typer.Option(min=0, help="Minutes of this run.")] = None,
    max_errors: Annotated[
        int, typer.Option(min=0, help="Pages that may fail before the run ends as failed.")
    ] = 100,
    delay: Annotated[
        float | None, typer.Option(min=0, help="Seconds between requests; 0 only on your own site.")
    ] = None,
    concurrency: Annotated[
        int | None, typer.Option(min=1, max=64, help="Requests at a time.")
    ] = None,
    summary: Annotated[Path | None, typer.Option(help="File for the summary, as JSON.")] = None,
    metrics_port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port for Prometheus.")
    ] = None,
) -> None:
    """Crawl a site, or go on where the last run stopped."""
    settings = read_settings()
    logs.configure(settings.scraper_log_level)
    if feed:
        check_feed(feed)
    order = Order(
        profile=load_profile(profile, base_url=base_url),
        state=state,
        rules=Rules(Shard.parse(shard), 3600 * settings.scraper_revisit_hours, full),
        budgets=Budgets(max_pages, max_minutes, max_errors),
        pace=Pace(delay, concurrency),
        api=api,
        feed=feed,
        metrics_port=metrics_port,
    )
    result = crawl(order, settings, Console(stderr=True))
    if summary:
        write_json(result.summary, summary)
    typer.echo(as_text(result.summary))
    raise typer.Exit(result.code)


@app.command(
    "try", epilog="Example: review-scraper try http://127.0.0.1:8090/categories --profile demo"
)
def try_command(
    url: Annotated[str, typer.Argument(help="A page of the site.")],
    *,
    profile: ProfileName,
    base_url: BaseUrl = None,
    kind: Annotated[
        PageKind | None, typer.Option(help="What the page is; by default as its address says.")
    ] = None,
) -> None:
    """Fetch one page and show what the profile finds on it and what it misses (exit code 1)."""
    settings = read_settings()
    logs.configure(settings.scraper_log_level)
    site = load_profile(profile, base_url=base_url)
    check_consent(site, settings)
    link = Link(kind or _kind_of(site, url), url)
    fetched = fetch(site, link, settings)
    found = read_page(site, link, fetched.url, fetched.html, today=settings.scraper_today)
    Console().print(report(link, found))
    raise typer.Exit(1 if found.missed else 0)


def _kind_of(profile: Profile, url: str) -> PageKind:
    kind = profile.kind_of(url)
    if kind is None:
        message = f"{url} is no page that the profile {profile.name} knows: give its --kind"
        raise UsageError(message)
    return kind


@app.command(epilog="Example: review-scraper profiles")
def profiles() -> None:
    """List the profiles that come with the scraper."""
    for name in profile_names():
        typer.echo(f"{name:<12} {load_profile(name).description}")


def main() -> None:
    """Run the command; a problem is one readable line."""
    try:
        app()
    except (UsageError, ProfileError) as error:
        sys.exit(_complain(error, 2))
    except ScraperError as error:
        sys.exit(_complain(error, 1))
    except sqlite3.Error as error:
        sys.exit(_complain(f"the state cannot be used: {error}", 1))
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        sys.exit(_complain(f"{where}{error.strerror or error}", 1))


def _complain(error: object, code: int) -> int:
    print(f"review-scraper: {error}", file=sys.stderr)
    return code
