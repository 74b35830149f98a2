"""The bodies and queries of what the scraper collects: companies and their reviews."""

from datetime import date as Date  # noqa: N812 (a field of this name hides it)
from typing import Annotated, Literal
from urllib.parse import quote, urlsplit

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from review_api.schemas import (
    Body,
    Brand,
    IsoDate,
    ListFilter,
    Rating,
    ReviewText,
    SearchText,
    Storable,
)

MOST_ITEMS = 1000
LONGEST_URL = 2000
PRINTABLE = "".join(map(chr, range(ord("!"), ord("~") + 1)))


def _web_address(url: str) -> str:
    """Return a web address in ASCII: a key of few enough bytes for an index."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        message = "must be a web address"
        raise ValueError(message)
    encoded = quote(url, safe=PRINTABLE)
    if len(encoded) > LONGEST_URL:
        message = f"must not be longer than {LONGEST_URL} characters, percent-encoded"
        raise ValueError(message)
    return encoded


Url = Annotated[
    str,
    StringConstraints(max_length=LONGEST_URL, strip_whitespace=True),
    Storable,
    AfterValidator(_web_address),
    Field(description="Of http or https; kept percent-encoded."),
]
Site = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, pattern="^[ -~]+$"),
    Field(description="The site's name, in ASCII."),
]
SiteId = Annotated[str, StringConstraints(min_length=1, max_length=200), Storable]
Title = Annotated[str, StringConstraints(max_length=1000), Storable]
Language = Annotated[str, StringConstraints(max_length=35), Storable]
Category = Annotated[str, StringConstraints(max_length=200), Storable]
Website = Annotated[str | None, BeforeValidator(lambda stored: stored or None)]

CompanySort = Literal["name", "-name", "stored_date", "-stored_date"]
ScrapedSort = Literal[
    "-stored_date",
    "stored_date",
    "-date",
    "date",
    "-rating",
    "rating",
    "-company",
    "company",
]


class NewCompany(Body):
    """A company found on a site, known by the site and its page there."""

    site: Site
    url: Url
    name: Brand
    website: Url | None = None
    logo_url: Url | None = None
    category: Category | None = None
    sub_category: Category | None = None


class CompanyBatch(Body):
    """Companies to keep."""

    companies: list[NewCompany] = Field(min_length=1, max_length=MOST_ITEMS)


class Company(BaseModel):
    """A company to write a review about."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    website: Website
    logo_url: str | None


class SavedCompany(BaseModel):
    """A company as it is stored; well-known brands have no site."""

    id: int
    site: str | None
    url: str | None
    name: str
    website: Website
    logo_url: str | None
    category: str | None
    sub_category: str | None
    stored_date: AwareDatetime
    changed_date: AwareDatetime | None


class CompanyFilter(ListFilter):
    """Which companies to list, and how."""

    sort: CompanySort = Field("name", description="By name in any case.")
    site: Site | None = Field(None, description="The whole name.")


class NewScrapedReview(Body):
    """A review found on a site, known by the site and its id there."""

    site: Site
    site_id: SiteId
    company_url: Url
    company: Brand
    title: Title | None = None
    text: ReviewText
    rating: Rating
    date: IsoDate | None = None
    language: Language | None = None
    page_url: Url


class ScrapedReviewBatch(Body):
    """Scraped reviews to keep."""

    reviews: list[NewScrapedReview] = Field(min_length=1, max_length=MOST_ITEMS)


class SavedScrapedReview(BaseModel):
    """A scraped review as it is stored."""

    id: int
    site: str
    site_id: str
    company_url: str
    company: str
    title: str | None
    text: str
    rating: int
    date: Date | None
    language: str | None
    page_url: str
    stored_date: AwareDatetime
    changed_date: AwareDatetime | None


class ScrapedReviewFilter(ListFilter):
    """Which scraped reviews to list, and how."""

    sort: ScrapedSort = Field(
        "-stored_date", description="Reviews without a date count as of 0001-01-01."
    )
    site: Site | None = Field(None, description="The whole name.")
    company: Brand | None = Field(None, description="The whole name, in any case.")
    rating: list[Rating] = Field([], max_length=5, description="One or more of 1 to 5.")
    since: IsoDate | None = Field(None, description="The first date that a review bears.")
    until: IsoDate | None = Field(None, description="The last date that a review bears, included.")
    text: SearchText | None = Field(
        None, description="Words that the review contains; the last may be a beginning."
    )


class BatchOutcome(BaseModel):
    """What became of a batch; what it says again is neither new nor changed."""

    received: int
    new: int
    changed: int
