"""Links of a page that a profile says to follow; no other one ever is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from review_scraper.extraction_page import Page, Record
from review_scraper.extraction_values import Scalar, page_address
from review_scraper.profile import LinkRule, Next, PageKind, Profile
from review_scraper.sources import ContextName, described


@dataclass(frozen=True)
class Link:
    """A page to fetch: its kind, its address, and what is known of it from the pages before."""

    kind: PageKind
    url: str
    context: Mapping[str, str] = field(default_factory=dict)


def read_links(
    profile: Profile, page: Page, rule: LinkRule
) -> tuple[dict[str, Link], tuple[str, ...]]:
    """Return the links of a rule by their address, and what is missing.

    A link to another site, or to a page that is not of the rule's kind by its address, is
    ignored; where there is no other one, the rule has missed.
    """
    records = page.records(rule.each)
    links: dict[str, Link] = {}
    for link in _links(profile, page, rule, records):
        links.setdefault(link.url, link)
    if links or page.shows(rule.empty):
        return links, ()
    matched = f"matched {len(records)}, but no such page" if records else "matched nothing"
    return links, (f"links to {rule.kind}: {described(rule.each)} {matched}",)


def _links(profile: Profile, page: Page, rule: LinkRule, records: list[Record]) -> Iterator[Link]:
    query = profile.pages[rule.kind].query
    for record in records:
        url = _address(profile, page, rule.kind, page.first(rule.url, record), query)
        read = page.fields(rule.context, record)
        if url is not None:
            yield Link(rule.kind, url, {**page.context, **_texts(read)})


def _texts(fields: Mapping[ContextName, Scalar]) -> dict[str, str]:
    return {name: str(value) for name, value in fields.items()}


def read_next(
    profile: Profile, page: Page, rule: Next | None, here: str, kind: PageKind
) -> Link | None:
    """Return the page after this one, whose address is `here`; None on the last."""
    if rule is None:
        return None
    url = _address(profile, page, kind, page.first(rule.url), None)
    return None if url is None or url == here else Link(kind, url, page.context)


def _address(
    profile: Profile,
    page: Page,
    kind: PageKind,
    raw: Scalar | None,
    query: tuple[str, ...] | None,
) -> str | None:
    url = None if raw is None else page_address(page.base, str(raw), query)
    return url if url is not None and profile.kind_of(url) == kind else None
