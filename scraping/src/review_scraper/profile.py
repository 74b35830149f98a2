"""A site's profile: where its categories, companies, reviews and next pages are.

A profile is a TOML file; this page is its schema. Nothing unknown may be in it, and an error
names its place.
"""

import re
import tomllib
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, StringConstraints, ValidationError, model_validator

from review_scraper.items import Name, Site, Url
from review_scraper.sources import ContextName, Pattern, Rule, Selector, Source, Sources

PageKind = Literal["categories", "companies", "company"]
"""What a page is: the list of categories, a list of companies, a company and its reviews."""

Most = Annotated[int, Field(ge=1, le=100_000)]
Domain = Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]+$")]


class ProfileError(ValueError):
    """A profile is missing or wrong; the message says which, where and why in one line."""


class Next(Rule):
    """More of a list is on another page, which a link names."""

    way: Literal["next"]
    url: Sources


class Button(Rule):
    """More of a list comes by a button, until it is gone."""

    way: Literal["button"]
    selector: Selector
    most: Most = 100


class Scroll(Rule):
    """More of a list comes by scrolling down, until `end` is there or nothing comes."""

    way: Literal["scroll"]
    end: Selector | None = None
    most: Most = 100


More = Annotated[Next | Button | Scroll, Field(discriminator="way")]


class LinkRule(Rule):
    """Links to follow: nothing that no such rule selects is ever fetched."""

    kind: PageKind
    each: Sources = Field(min_length=1, description="The links, or what holds one each.")
    url: Sources = (Source(css=":scope::attr(href)"),)
    context: dict[ContextName, Sources] = Field({}, description="What they carry onward.")
    empty: Selector | None = Field(None, description="Where the page says that there are none.")


class RecordRule(Rule):
    """Records of one kind on a page. Fields may be in several places; the first that has it."""

    each: Sources = Field((), description="The records; without it, the page is the one.")
    empty: Selector | None = Field(None, description="Where the page says that there are none.")
    total: Sources = Field((), description="How many there are by the page's own count.")
    optional: tuple[str, ...] = Field(
        (), description="Fields that may be on no record of a page, though it is said where."
    )

    @model_validator(mode="after")
    def refuse_json_of_elements(self) -> "RecordRule":
        """Refuse a path in records that are not JSON."""
        if any(source.in_json for source in self.each):
            return self
        for name, value in self:
            sources = value if isinstance(value, tuple) else ()
            if any(isinstance(one, Source) and one.of_record for one in sources):
                message = f"{name}: path alone needs records that are JSON: each has none"
                raise ValueError(message)
        return self


class CompanyRule(RecordRule):
    """Companies."""

    name: Sources = Field(min_length=1)
    url: Sources = Field((), description="Without it, the page's own address.")
    website: Sources = ()
    logo_url: Sources = ()
    category: Sources = ()
    sub_category: Sources = ()
    optional: tuple[Literal["website", "logo_url", "category", "sub_category"], ...] = ()


class ReviewRule(RecordRule):
    """Reviews. Who wrote them has no place here, and is never read."""

    each: Sources = Field(min_length=1)
    text: Sources = Field(min_length=1)
    rating: Sources = Field(min_length=1)
    site_id: Sources = ()
    title: Sources = ()
    date: Sources = ()
    language: Sources = ()
    optional: tuple[Literal["site_id", "title", "date", "language"], ...] = ()
    best_rating: Annotated[int, Field(ge=1, le=100)] = 5
    date_format: str | None = Field(None, description="As strptime has it, such as %d.%m.%Y.")


class PageRule(Rule):
    """How to fetch a kind of page, and what is on it."""

    address: Pattern = Field(description="What the path of such a page's URL matches, whole.")
    query: tuple[str, ...] = Field((), description="Query parameters that tell pages apart.")
    render: Literal["http", "browser"] = "http"
    ready: Selector | None = Field(None, description="What the browser waits for.")
    more: tuple[More, ...] = Field((), description="How to come to the rest of a long list.")
    links: tuple[LinkRule, ...] = ()
    companies: CompanyRule | None = None
    reviews: ReviewRule | None = None

    @property
    def next(self) -> Next | None:
        """The rule for a page after this one."""
        return next((more for more in self.more if isinstance(more, Next)), None)

    @property
    def button(self) -> Button | None:
        """The button that brings more."""
        return next((more for more in self.more if isinstance(more, Button)), None)

    @property
    def scroll(self) -> Scroll | None:
        """How scrolling brings more."""
        return next((more for more in self.more if isinstance(more, Scroll)), None)

    @model_validator(mode="after")
    def refuse_contradictions(self) -> "PageRule":
        """Refuse what only a browser can do, and the same way to more twice."""
        if self.render == "http" and (self.ready or self.button or self.scroll):
            message = 'ready, button and scroll need render = "browser"'
            raise ValueError(message)
        if len({more.way for more in self.more}) < len(self.more):
            message = "more names a way twice"
            raise ValueError(message)
        if self.reviews and (self.companies is None or self.companies.each):
            message = "reviews need companies without each: the company that the page is about"
            raise ValueError(message)
        return self


class Limits(Rule):
    """What the crawl keeps to on this site."""

    delay: float = Field(1.0, ge=0, description="Seconds between two requests.")
    concurrency: int = Field(1, ge=1, le=64, description="Requests at a time.")
    timeout: float = Field(30.0, gt=0, description="Seconds a page may take.")
    page_bytes: int = Field(5_000_000, ge=1000, description="Bytes a page may have.")
    next_pages: Most = Field(500, description="Pages after the first, of a list or a company.")


class Profile(Rule):
    """A site: where to start, what to keep to, and what its pages look like."""

    name: Site
    description: Name
    start_urls: tuple[Url, ...] = Field(min_length=1)
    start_kind: PageKind = "categories"
    allowed_domains: tuple[Domain, ...] = Field(min_length=1)
    terms_url: Url | None = None
    needs_consent: Annotated[
        bool,
        Field(strict=True, description="Whether the operator must accept the site's terms first."),
    ] = True
    limits: Limits = Limits()
    pages: dict[PageKind, PageRule]

    def allows(self, url: str) -> bool:
        """Say whether `url` is on this site: a domain of it, or below one."""
        try:
            host = urlsplit(url).hostname or ""
        except ValueError:
            return False
        return any(host == one or host.endswith("." + one) for one in self.allowed_domains)

    def kind_of(self, url: str) -> PageKind | None:
        """Return what page `url` is by its path; None where it is no page of this profile."""
        if not self.allows(url):
            return None
        path = urlsplit(url).path or "/"
        return next(
            (kind for kind, page in self.pages.items() if re.fullmatch(page.address, path)), None
        )

    @model_validator(mode="after")
    def refuse_dead_ends(self) -> "Profile":
        """Refuse a start or a link that leads to a page of which nothing is said."""
        for url in self.start_urls:
            if self.kind_of(url) != self.start_kind:
                message = f"start_urls: {url} is no {self.start_kind} page by its address"
                raise ValueError(message)
        for kind, page in self.pages.items():
            unknown = {link.kind for link in page.links} - set(self.pages)
            if unknown:
                message = f"pages.{kind}.links: there is no page {unknown.pop()}"
                raise ValueError(message)
        return self


def profile_names() -> list[str]:
    """Return the names of the profiles that come with the scraper."""
    shipped = resources.files("review_scraper") / "profiles"
    return sorted(Path(one.name).stem for one in shipped.iterdir() if one.name.endswith(".toml"))


def load_profile(name_or_path: str | Path, *, base_url: str | None = None) -> Profile:
    """Return a shipped profile by its name, or one of a file; on another origin with `base_url`.

    Raises:
        ProfileError: there is no such profile, or it is wrong.
    """
    text = _read(name_or_path)
    try:
        profile = Profile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"profile {name_or_path}: not TOML: {error}") from error
    except ValidationError as error:
        reasons = "; ".join(_reason(one) for one in error.errors())
        raise ProfileError(f"profile {name_or_path}: {reasons}") from error
    return profile if base_url is None else _moved(profile, base_url)


def _read(name_or_path: str | Path) -> str:
    if str(name_or_path) in profile_names():
        shipped = resources.files("review_scraper") / "profiles" / f"{name_or_path}.toml"
        return shipped.read_text(encoding="utf-8")
    try:
        return Path(name_or_path).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        names = ", ".join(profile_names())
        message = f"there is no profile {name_or_path}: name one of {names}, or a file"
        raise ProfileError(message) from error
    except (OSError, ValueError) as error:
        raise ProfileError(f"profile {name_or_path}: cannot be read: {error}") from error


def _moved(profile: Profile, base_url: str) -> Profile:
    """Return the profile for a site that is at `base_url`."""
    base = urlsplit(base_url)
    if base.scheme not in {"http", "https"} or not base.hostname:
        raise ProfileError(f"{base_url} is not a web address")
    starts = [urlsplit(url) for url in profile.start_urls]
    moved = [start._replace(scheme=base.scheme, netloc=base.netloc) for start in starts]
    return profile.model_copy(
        update={
            "start_urls": tuple(start.geturl() for start in moved),
            "allowed_domains": (base.hostname,),
        }
    )


def _reason(error: Any) -> str:  # noqa: ANN401  # pydantic's own error record.
    """Return one error as its place in the file and what is wrong there."""
    unnamed = {"[key]"} | ({"next", "button", "scroll"} if "more" in error["loc"] else set())
    parts = [part for part in error["loc"] if isinstance(part, str) and part not in unnamed]
    text = "unknown key" if error["type"] == "extra_forbidden" else error["msg"]
    return f"{'.'.join(parts)}: {text.removeprefix('Value error, ')}".removeprefix(": ")
