"""What a page gives: companies, reviews, links to follow, and what is missing. No network here."""

import datetime as dt
from dataclasses import dataclass

from review_scraper.extraction_links import Link, read_links, read_next
from review_scraper.extraction_page import Page
from review_scraper.extraction_records import Batch, Place, read_companies, read_reviews
from review_scraper.extraction_values import page_address
from review_scraper.items import Company, Reject, Review
from review_scraper.profile import PageRule, Profile

__all__ = ["Found", "Link", "read_page"]


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

    `url` is where the page was in the end, after redirects. Reviews are rejected that are from
    after `today`, which is the real day unless given.
    """
    rule = profile.pages[link.kind]
    page = Page(url, html, link.context)
    place = Place(
        site=profile.name,
        page_url=page_address(url, url) or url,
        own_url=page_address(url, url, rule.query) or url,
        query=rule.query,
        today=today or dt.datetime.now(dt.UTC).date(),
    )
    links: dict[str, Link] = {}
    missed: tuple[str, ...] = ()
    for link_rule in rule.links:
        more, unseen = read_links(profile, page, link_rule)
        links |= more
        missed += unseen
    companies, reviews = _records(page, rule, place)
    return Found(
        links=tuple(links.values()),
        next=read_next(profile, page, rule.next, place.page_url, link.kind),
        companies=companies.items,
        reviews=reviews.items,
        rejects=companies.rejects + reviews.rejects,
        missed=missed + companies.missed + reviews.missed,
    )


def _records(page: Page, rule: PageRule, place: Place) -> tuple[Batch[Company], Batch[Review]]:
    companies: Batch[Company] = Batch()
    reviews: Batch[Review] = Batch()
    if rule.companies is not None:
        companies = read_companies(page, rule.companies, place)
    if rule.reviews is not None:
        company = companies.items[0] if companies.items else None
        reviews = read_reviews(page, rule.reviews, company, place)
    return companies, reviews
