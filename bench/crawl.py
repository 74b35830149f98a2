"""A crawl of the demo site beside one written the plain way, and the crawler's memory.

Both crawl the same site on this machine, without any pause between requests, to a file. Scrapy's
own `bench` says what bare Scrapy does here with pages that link to each other and nothing else.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import psutil
import requests

from bench import processes
from bench.figures import Figure, MeasurementError, Say, compared
from bench.ports import free_ports
from bench.sizes import Sizes
from candor_local.ports import HOST
from candor_local.services import program

PLAIN = "Selenium and Scrapy, the plain way"
PLAIN_FEED, OUR_FEED = "plain.jsonl", "ours.ndjson"
LATENCIES = (0, 200)
"""Milliseconds: a site on this machine, whose processor all share, and one as far as real ones."""

CONCURRENCY = 32
"""Requests at a time: no more is gained beyond it, and an owner's own site bears it."""

LIMIT_MB = 300
FEW_REVIEWS = 1000
PAGE = re.compile("/(categories|review/)")
"""What people would call a page of the demo site: lists, and companies' reviews."""


@dataclass(frozen=True)
class Crawl:
    """How a crawl went; `peak` is the crawler's own memory in bytes, without its browser."""

    seconds: float
    reviews: int
    pages: int
    peak: int


def measure(sizes: Sizes, say: Say) -> list[Figure]:
    """Return how fast both are at each distance of the site, and memory of ours on two sizes."""
    figures = []
    for latency in LATENCIES:
        pairs = take_turns(sizes, latency, say)
        for name, crawls in zip((PLAIN, "ours"), zip(*pairs, strict=True), strict=True):
            label = f"{name}, answers after {latency} ms"
            seconds = fmean(one.seconds for one in crawls)
            base = fmean(plain.seconds for plain, _ in pairs)
            pages, reviews = crawls[0].pages, crawls[0].reviews
            figures.append(Figure(label, 60 * pages / seconds, "pages/min"))
            speed = reviews / seconds
            figures.append(compared(label, speed, "reviews/s", reviews / base, "the plain way"))
    say("scrapy bench")
    figures.append(Figure("scrapy bench, pages without content", scrapy_bench(), "pages/min"))
    return figures + list(memory(sizes, say))


def take_turns(sizes: Sizes, latency: int, say: Say) -> list[tuple[Crawl, Crawl]]:
    """Return crawls of both, the plain way first; each finds every review of the site.

    Raises:
        MeasurementError: one of them does not.
    """
    pairs = []
    for number in range(sizes.crawls):
        with (
            processes.throw_away_folder() as folder,
            site(folder, sizes.companies, sizes.scraped, latency) as url,
        ):
            step = f"answers after {latency} ms, round {number + 1} of {sizes.crawls}"
            say(f"{step}: the plain way")
            plain = crawl(plain_command(url, folder), url, folder / PLAIN_FEED)
            say(f"{step}: ours")
            ours = crawl(our_command(url, folder), url, folder / OUR_FEED)
            truth = requests.get(f"{url}/truth", timeout=60).json()["reviews"]
        if {plain.reviews, ours.reviews} != {truth}:
            found = f"{plain.reviews} and {ours.reviews} of {truth}"
            raise MeasurementError(f"the crawls found {found} reviews")
        pairs.append((plain, ours))
    return pairs


def memory(sizes: Sizes, say: Say) -> Iterator[Figure]:
    """Yield the crawler's peak memory on few and on many reviews."""
    for reviews in (FEW_REVIEWS, sizes.many_scraped):
        say(f"memory at {reviews:,} reviews")
        companies = max(10, reviews // 100)
        with processes.throw_away_folder() as folder, site(folder, companies, reviews) as url:
            done = crawl(our_command(url, folder), url, folder / OUR_FEED)
        name = f"memory of the crawler, {done.reviews:,} reviews"
        yield Figure(name, done.peak / 1e6, "MB", at_most=LIMIT_MB)


@contextmanager
def site(folder: Path, companies: int, reviews: int, latency: int = 0) -> Iterator[str]:
    """Give the address of a demo site without hazards; each answer takes `latency` ms more."""
    (port,) = free_ports(1)
    url = f"http://{HOST}:{port}"
    options = {"--port": port, "--companies": companies, "--reviews": reviews, "--delay": latency}
    words = [str(word) for option in options.items() for word in option]

    def is_ready() -> bool:
        try:
            return requests.get(f"{url}/robots.txt", timeout=5).ok
        except requests.ConnectionError:
            return False

    with processes.running(
        [program("demo-site"), *words], os.environ, folder / "site.log", is_ready
    ):
        yield url


def plain_command(url: str, folder: Path) -> list[str]:
    """Return the command of the plain crawl."""
    return [sys.executable, "-m", "bench.plain_crawl", url, str(folder / PLAIN_FEED)]


def our_command(url: str, folder: Path) -> list[str]:
    """Return the command of our crawl."""
    options = {
        "--profile": "demo",
        "--base-url": url,
        "--state": folder / "state",
        "--feed": folder / OUR_FEED,
        "--delay": 0,
        "--concurrency": CONCURRENCY,
    }
    words = [str(word) for option in options.items() for word in option]
    return [program("review-scraper"), "crawl", *words]


def crawl(command: Sequence[str], url: str, feed: Path) -> Crawl:
    """Run a crawl that writes `feed`.

    Raises:
        MeasurementError: it failed.
    """
    log_file = feed.with_suffix(".log")
    before, started, peak = pages_served(url), time.perf_counter(), 0
    with log_file.open("wb") as log:
        process = psutil.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        while process.poll() is None:
            peak = max(peak, memory_of(process))
            time.sleep(processes.TICK)
    if process.returncode != 0:
        raise MeasurementError(f"the crawl failed:\n{processes.tail(log_file)}")
    seconds = time.perf_counter() - started
    return Crawl(seconds, reviews_in(feed), pages_served(url) - before, peak)


def memory_of(process: psutil.Popen) -> int:
    """Return the resident bytes of a process, 0 when it has just ended."""
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def reviews_in(feed: Path) -> int:
    """Return how many different reviews a feed has."""
    with feed.open(encoding="utf-8") as lines:
        records = map(json.loads, lines)
        return len({record.get("site_id") or record.get("id") for record in records})


def pages_served(url: str) -> int:
    """Return how many pages the site has served so far."""
    log = requests.get(f"{url}/log", timeout=60).text.splitlines()
    return sum(bool(PAGE.match(json.loads(line)["path"])) for line in log)


def scrapy_bench() -> float:
    """Return the pages a minute that Scrapy's own benchmark reaches."""
    command = [program("scrapy"), "bench"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    responses, seconds = (
        re.search(rf"'{name}': ([0-9.]+)", done.stderr)
        for name in ("response_received_count", "elapsed_time_seconds")
    )
    if not responses or not seconds:
        raise MeasurementError(f"scrapy bench says no figure: {done.stderr[-300:]}")
    return 60 * float(responses[1]) / float(seconds[1])
