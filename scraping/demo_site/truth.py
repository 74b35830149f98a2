"""What a good crawler can collect from the site, and where its hazards are."""

import json
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256

from demo_site.config import HAZARDS
from demo_site.hazards import FROZEN_LIST, RESTLESS_LIST, UTF_8
from demo_site.site import INVALID_REVIEWS, Company, Site

ROWS_A_BLOCK = 200
"""So few that other requests are answered in between."""

Row = Mapping[str, str | int | None]


def summary(site: Site) -> dict[str, object]:
    """Return the counts of what can be collected."""
    return {
        "companies": site.calendar.companies(),
        "reviews": sum(_collectable_reviews(site, company) for company in site.companies()),
        "today": site.config.today.isoformat(),
        "hazards": [hazard for hazard in HAZARDS if site.hazards.on(hazard)],
    }


def companies(site: Site) -> Iterator[Row]:
    """Yield a row for every company."""
    for company in site.companies():
        yield {
            "company": company.slug,
            "name": company.name,
            "website": company.website,
            "category": company.list.category,
            "sub_category": company.list.name,
            "reviews": _collectable_reviews(site, company),
        }


def reviews(site: Site) -> Iterator[Row]:
    """Yield a row for every review that can be collected."""
    for company in site.companies():
        for review in site.reviews(company):
            if review.collectable:
                yield {
                    "id": review.id,
                    "company": company.slug,
                    "rating": review.rating,
                    "date": review.moment[:10],
                    "sha256": sha256(review.text.encode()).hexdigest(),
                }


def hazards(site: Site) -> Iterator[Row]:
    """Yield a row for every hazard and the path where it waits."""
    for company in site.companies():
        path = f"/review/{company.slug}"
        for hazard in (company.hazard, site.hazards.wire(company.index)):
            if hazard:
                yield {"hazard": hazard, "path": path}
        encoding = site.hazards.encoding(company.index)
        if encoding is not UTF_8:
            detail = {"codec": encoding.codec, "charset": encoding.charset}
            yield {"hazard": "encoding", "path": path, **detail}
    yield from _hazards_of_no_company(site)


def lines(rows: Iterable[Row]) -> Iterator[bytes]:
    """Yield the rows as NDJSON, some hundred at a time."""
    block: list[str] = []
    for row in rows:
        block.append(json.dumps(row) + "\n")
        if len(block) == ROWS_A_BLOCK:
            yield "".join(block).encode()
            block.clear()
    yield "".join(block).encode()


def _hazards_of_no_company(site: Site) -> Iterator[Row]:
    for of in site.lists:
        for slug in site.decoys(of):
            yield {"hazard": slug.partition("-")[0], "path": f"/review/{slug}"}
    if site.hazards.on("restless"):
        yield {"hazard": "restless", "path": f"/categories/{site.lists[RESTLESS_LIST].path}"}
    if site.hazards.on("frozen"):
        yield {"hazard": "frozen", "path": f"/categories/{FROZEN_LIST.path}"}
    if site.hazards.on("trap"):
        yield {"hazard": "trap", "path": "/trap/"}


def _collectable_reviews(site: Site, company: Company) -> int:
    total = site.review_count(company)
    return total - min(total, INVALID_REVIEWS) if company.hazard == "invalid" else total
