"""What a page gives: companies, reviews, links to follow, and what is missing. No network here."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from review_scraper.items import Company, Reject, Review
from review_scraper.profile import PageKind, Profile


@dataclass(frozen=True)
class Link:
    """A page to fetch: its kind, its address, and what is known of it from the pages before."""

    kind: PageKind
    url: str
    context: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Found:
    """All that a page gave; `missed` names what must be there by the profile, but is not."""

    links: tuple[Link, ...] = ()
    next: Link | None = None
    companies: tuple[Company, ...] = ()
    reviews: tuple[Review, ...] = ()
    rejects: tuple[Reject, ...] = ()
    missed: tuple[str, ...] = ()


def read_page(
    profile: Profile, link: Link, url: str, html: str, *, today: dt.date | None = None
) -> Found:
    """Return what the page at `url`, to which `link` led, gives by its profile.

    `url` is where the page was in the end, after redirects. A review from after `today` (the
    day before which all reviews were written; by default the real one) is rejected.
    """
    raise NotImplementedError
