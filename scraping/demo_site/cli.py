"""The command `demo-site`: serve a site of made-up reviews to practise collecting on."""

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from demo_site.config import (
    HAZARDS,
    MOST_COMPANIES,
    MOST_REVIEWS,
    Config,
    Hazard,
    Layout,
    Serving,
)
from demo_site.service import DemoSiteError, serve

EXAMPLE = "Example: demo-site --companies 100 --reviews 5000 --hazards slow,failing"
"""Shown below the command's help."""


def _hazards(given: str) -> frozenset[Hazard]:
    """Return the hazards of a list with commas; `all` and `none` are what they say."""
    if given in {"all", "none"}:
        return frozenset(HAZARDS if given == "all" else ())
    names = [name.strip() for name in given.split(",")]
    unknown = [name for name in names if name not in HAZARDS]
    if unknown:
        raise typer.BadParameter(f"no hazard {unknown[0]!r}; there are: {', '.join(HAZARDS)}")
    return frozenset(hazard for hazard in HAZARDS if hazard in names)


def _serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any free port.")] = 8090,
    companies: Annotated[
        int, typer.Option(min=1, max=MOST_COMPANIES, help="How many companies.")
    ] = 10,
    reviews: Annotated[
        int, typer.Option(min=0, max=MOST_REVIEWS, help="How many reviews, of all companies.")
    ] = 300,
    seed: Annotated[int, typer.Option(min=0, help="The same seed makes the same site.")] = 1,
    today: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="The day of the site; later ones have more. By default the real one.",
        ),
    ] = None,
    hazards: Annotated[
        str, typer.Option(help=f"all, none, or some with commas: {', '.join(HAZARDS)}.")
    ] = "none",
    layout: Annotated[
        Layout, typer.Option(help="changed: reviews in another markup than crawlers know.")
    ] = "usual",
    rate_limit: Annotated[
        int | None,
        typer.Option(min=1, help="Requests a second for each client; the others are answered 429."),
    ] = None,
    delay: Annotated[int, typer.Option(min=0, help="Milliseconds every answer waits.")] = 0,
    crawl_delay: Annotated[
        float | None, typer.Option(min=0, help="Seconds that robots.txt asks for.")
    ] = None,
    log: Annotated[
        Path | None, typer.Option(help="Where to write the log of requests; begun anew.")
    ] = None,
) -> None:
    """Serve a site of made-up reviews on 127.0.0.1 until Ctrl-C.

    The companies and reviews are those of 24 November 2026; earlier days have fewer reviews.
    """
    day: date = (today or datetime.now(UTC)).date()
    config = Config(day, companies, reviews, seed, _hazards(hazards), layout)
    serving = Serving(port, rate_limit, delay / 1000, crawl_delay, log)
    try:
        serve(config, serving, lambda line: print(line, flush=True))
    except DemoSiteError as error:
        sys.exit(f"Error: {error}")
    except OSError as error:
        sys.exit(f"Error: {error.filename}: {error.strerror}")


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
app.command(epilog=EXAMPLE)(_serve)


def main() -> None:
    """Run the command."""
    app()
