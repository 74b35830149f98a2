"""What a demo site is asked to be: its size, its day, and what is wrong with it."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, get_args

Hazard = Literal[
    "duplicates",
    "edited",
    "invalid",
    "endless",
    "empty",
    "slow",
    "failing",
    "unavailable",
    "encoding",
    "broken",
    "redirect",
    "loop",
    "elsewhere",
    "huge",
    "restless",
    "frozen",
    "trap",
]
"""What can go wrong; scraping/demo_site/README.md says what each does."""

HAZARDS: tuple[Hazard, ...] = get_args(Hazard)

Layout = Literal["usual", "changed"]

MOST_COMPANIES = 20_000
MOST_REVIEWS = 5_000_000


@dataclass(frozen=True)
class Config:
    """The content of a site: two sites of the same configuration are equal to the letter.

    On the site's reference day it has just so many companies and reviews (hazards take some away);
    earlier days have fewer reviews, later ones more of both.
    """

    today: date
    companies: int = 10
    reviews: int = 300
    seed: int = 1
    hazards: frozenset[Hazard] = frozenset()
    layout: Layout = "usual"


@dataclass(frozen=True)
class Serving:
    """How a site is served. Port 0 is any free one; the rate is in requests a second a client."""

    port: int = 8090
    rate_limit: int | None = None
    delay: float = 0.0
    crawl_delay: float | None = None
    log: Path | None = None
