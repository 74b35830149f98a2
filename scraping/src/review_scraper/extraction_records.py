"""Companies and reviews of a page: read by their rules, made into items or rejected."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import ValidationError

from review_scraper.extraction_page import Page
from review_scraper.extraction_values import (
    Scalar,
    UnfitError,
    address,
    clean,
    page_address,
    read_count,
    read_date,
    read_rating,
    website,
)
from review_scraper.items import Company, Kind, Reject, Review, hashed_id
from review_scraper.profile import CompanyRule, RecordRule, ReviewRule
from review_scraper.sources import Source, described

FEW = 3
"""Of fewer records, all may lack a field by chance."""

FIELDS: dict[Kind, tuple[str, ...]] = {
    "company": ("name", "url", "website", "logo_url", "category", "sub_category"),
    "review": ("site_id", "title", "text", "rating", "date", "language"),
}

MANY: dict[Kind, str] = {"company": "companies", "review": "reviews"}

T = TypeVar("T")
Raw = dict[str, Scalar]
"""The fields of a record as the page has them; what it lacks is not there."""


@dataclass(frozen=True)
class Place:
    """Where records were found: the site, the page, what it is known by, and the day."""

    site: str
    page_url: str
    own_url: str
    query: tuple[str, ...]
    today: dt.date


@dataclass(frozen=True)
class Batch(Generic[T]):
    """The records of one kind on a page: those that fit, those that do not, what is missing."""

    items: tuple[T, ...] = ()
    rejects: tuple[Reject, ...] = ()
    missed: tuple[str, ...] = ()


def read_companies(page: Page, rule: CompanyRule, place: Place) -> Batch[Company]:
    """Return the companies of a page."""
    return _read(page, rule, "company", place, lambda raw: company_of(raw, page.base, place))


def read_reviews(
    page: Page, rule: ReviewRule, company: Company | None, place: Place
) -> Batch[Review]:
    """Return the reviews of a page, which is about `company`."""
    return _read(page, rule, "review", place, lambda raw: review_of(raw, rule, company, place))


def _read(
    page: Page, rule: RecordRule, kind: Kind, place: Place, make: Callable[[Raw], T]
) -> Batch[T]:
    records = page.records(rule.each) if rule.each else [None]
    raws = [page.fields(_places(rule, kind), record) for record in records]
    items, rejects = [], []
    for raw in raws:
        try:
            items.append(make(raw))
        except ValueError as error:
            rejects.append(Reject(kind, reason_of(error), place.page_url, raw))
    missed = tuple(_missing(page, rule, kind, raws)) or tuple(_unfit(rejects, len(raws)))
    return Batch(tuple(items), tuple(rejects), missed)


def _places(rule: RecordRule, kind: Kind) -> dict[str, tuple[Source, ...]]:
    """Return where each field is by its rule."""
    return {name: getattr(rule, name) for name in FIELDS[kind]}


def company_of(raw: Raw, base: str, place: Place) -> Company:
    """Return the company of a record whose addresses start from `base`.

    Raises:
        ValueError: it is not fit to be stored; see `reason_of`.
    """
    own = page_address(base, str(raw["url"]), place.query) if "url" in raw else place.own_url
    values = {
        "site": place.site,
        "url": own,
        "name": _text(raw, "name"),
        "website": website(base, str(raw["website"])) if "website" in raw else None,
        "logo_url": address(base, str(raw["logo_url"])) if "logo_url" in raw else None,
        "category": _text(raw, "category"),
        "sub_category": _text(raw, "sub_category"),
    }
    return Company.model_validate(values)


def review_of(raw: Raw, rule: ReviewRule, company: Company | None, place: Place) -> Review:
    """Return the review of a record.

    Raises:
        ValueError: it is not fit to be stored; see `reason_of`.
    """
    if company is None:
        raise UnfitError("company is missing")
    for name in ("text", "rating"):
        if name not in raw:
            raise UnfitError(f"{name} is missing")
    day = _day(raw, rule, place.today)
    text = str(raw["text"])
    values = {
        "site": place.site,
        "site_id": _text(raw, "site_id") or hashed_id(company.url, text, day),
        "company_url": company.url,
        "company": company.name,
        "title": _text(raw, "title"),
        "text": text,
        "rating": read_rating(raw["rating"], rule.best_rating),
        "date": day,
        "language": _text(raw, "language"),
        "page_url": place.page_url,
    }
    return Review.model_validate(values)


def _text(raw: Raw, name: str) -> str | None:
    return clean(str(raw[name])) if name in raw else None


def _day(raw: Raw, rule: ReviewRule, today: dt.date) -> dt.date | None:
    """Return a review's day; a day ahead is let through, for zones ahead of UTC."""
    if "date" not in raw:
        return None
    day = read_date(raw["date"], rule.date_format)
    if day > today + dt.timedelta(days=1):
        raise UnfitError("date is in the future")
    return day


def reason_of(error: ValueError) -> str:
    """Return why an item does not fit, in words that are the same for all such items."""
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors()[0]
    name = first["loc"][0]
    if first.get("input") in {None, ""}:
        return f"{name} is missing"
    if first["type"] == "string_too_long":
        return f"{name} is longer than {first['ctx']['max_length']} characters"
    return f"{name} {first['msg'].removeprefix('Value error, ')}"


def _missing(page: Page, rule: RecordRule, kind: Kind, raws: list[Raw]) -> Iterator[str]:
    """Yield what the rule says must be there and is not: all records, or a field of each one."""
    many = MANY[kind]
    if rule.each and not raws:
        yield from _all_missing(page, rule, many)
    elif not rule.each or len(raws) >= FEW:
        for name, sources in _places(rule, kind).items():
            if sources and name not in rule.optional and not any(name in raw for raw in raws):
                whose = (
                    f"in none of {len(raws)} {many}" if rule.each else f"not there for the {kind}"
                )
                yield f"{many}: {name} is {whose} ({described(sources)})"


def _all_missing(page: Page, rule: RecordRule, many: str) -> Iterator[str]:
    total = page.first(rule.total)
    count = None if total is None else read_count(total)
    if not page.shows(rule.empty) and count != 0:
        said = f", though the page says {count}" if count else ""
        yield f"{many}: {described(rule.each)} matched nothing{said}"


def _unfit(rejects: list[Reject], count: int) -> Iterator[str]:
    """Yield that all records are unfit in one way: what was read is not what it was."""
    reasons = {reject.reason for reject in rejects}
    if count >= FEW and len(rejects) == count and len(reasons) == 1:
        yield f"{MANY[rejects[0].kind]}: none of {count} fits: {reasons.pop()}"
