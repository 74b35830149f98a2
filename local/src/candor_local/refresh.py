"""`candor refresh`: collect companies and reviews once, and say what there is now.

Without another profile they come from the demo site, which runs for that time alone.
"""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil

from candor_local import logs, processes
from candor_local.counts import DEMO, print_counts
from candor_local.errors import CandorError
from candor_local.home import Home
from candor_local.leftovers import stop_leftovers, write_record
from candor_local.lock import only_one
from candor_local.ports import check_ports
from candor_local.services import address, program, words
from candor_local.settings import CHECKOUT, Settings, inherited_environment
from candor_local.signals import StopRequests

DEMO_SIZE = {"--companies": 40, "--reviews": 2000}
"""Enough to train on, and collected in some seconds."""

TICK = 0.1
"""Seconds between two looks at a process."""


def refresh(settings: Settings, home: Home) -> int:
    """Collect once and print the counts; return the scraper's exit code.

    Raises:
        CandorError: somebody refreshes already, or the demo site does not start.
    """
    stops = StopRequests()
    stops.listen()
    home.make_crawl(settings.scraper_profile)
    busy = f"a refresh runs already in {home.crawl}"
    with only_one(home.crawl / "refresh.lock", busy), ExitStack() as opened:
        stop_leftovers(home.crawl, settings.stop_timeout)
        is_demo = settings.scraper_profile == DEMO
        if is_demo:
            opened.enter_context(demo_site(settings, home))
        code = scrape(settings, home, stops)
        print_counts(settings, of_demo_site=is_demo)
    return code


@contextmanager
def demo_site(settings: Settings, home: Home) -> Iterator[None]:
    """Serve the demo site on its port while the block runs."""
    check_ports({"DEMO_SITE_PORT": settings.demo_site_port})
    options = {"--port": settings.demo_site_port, **DEMO_SIZE}
    command = (program("demo-site"), *words(options))
    with home.log("demo-site").open("wb") as log:
        process = psutil.Popen(command, stdout=log, stderr=log, start_new_session=True)
    with _recorded(process, home.crawl / "demo-site.json", settings.stop_timeout):
        _wait(process, settings, home.log("demo-site"))
        yield


def _wait(process: psutil.Popen, settings: Settings, log: Path) -> None:
    deadline = time.monotonic() + settings.start_timeout
    # It says so when it listens; an answer on its port could be somebody else's.
    while "demo site: http" not in log.read_text(errors="replace"):
        if process.poll() is not None or time.monotonic() > deadline:
            raise CandorError(f"the demo site does not start: {logs.tail(log, 1) or f'see {log}'}")
        time.sleep(TICK)


def scrape(settings: Settings, home: Home, stops: StopRequests) -> int:
    """Run the scraper to its end and return its exit code; a request to stop is passed on."""
    token = {"SCRAPER_TOKEN": home.secret("scraper-token")}
    environment = {**inherited_environment(), **browser(), **token}
    process = psutil.Popen(scraper(settings, home), env=environment, start_new_session=True)
    with _recorded(process, home.crawl / "scraper.json", settings.stop_timeout):
        while process.poll() is None and not stops.asked:
            time.sleep(TICK)
        if process.poll() is None:
            processes.stop(process, signal.SIGINT, settings.stop_timeout, stops.hurried)
        return int(process.wait())


def browser() -> dict[str, str]:
    """Return which Chromium to use; where there is none to be had, the scraper says so."""
    find = ("sh", str(CHECKOUT / "local" / "find_chromium.sh"), sys.executable)
    environment = inherited_environment()
    done = subprocess.run(find, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    return {"CHROMIUM": done.stdout.strip()} if done.returncode == 0 else {}


def scraper(settings: Settings, home: Home) -> tuple[str, ...]:
    """Return the scraper's command; what it keeps is apart for each profile."""
    profile = settings.scraper_profile
    moved = ("--base-url", address(settings.demo_site_port)) if profile == DEMO else ()
    return (
        program("review-scraper"),
        "crawl",
        *("--profile", profile),
        *moved,
        *("--state", str(home.crawl_state(profile))),
        *("--api", address(settings.api_port)),
    )


@contextmanager
def _recorded(process: psutil.Popen, record: Path, seconds: float) -> Iterator[None]:
    """Stop a process after the block; should we be killed, the next refresh does it."""
    write_record(record, process, signal.SIGTERM)
    try:
        yield
    finally:
        processes.stop(process, signal.SIGTERM, seconds)
        record.unlink(missing_ok=True)
