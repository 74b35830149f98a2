"""What is collected: companies and reviews, and what is kept of those that do not fit.

The rules are those of the API, so that a batch it would refuse is never made. Who wrote a
review has no place here.
"""

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

LARGEST_TEXT = 64 * 1024
"""Bytes of UTF-8 in a review, as the API takes them."""

LONGEST_URL = 2000
"""Characters of an address, percent-encoded."""

ASCII = "".join(map(chr, range(ord("!"), ord("~") + 1)))

Kind = Literal["company", "review"]


def _storable(text: str) -> str:
    if "\0" in text:
        message = "has NUL characters"
        raise ValueError(message)
    return text


def _written(text: str) -> str:
    if not text.strip():
        message = "is missing"
        raise ValueError(message)
    if len(text.encode()) > LARGEST_TEXT:
        message = f"is longer than {LARGEST_TEXT // 1024} KiB"
        raise ValueError(message)
    return text


def _web(url: str) -> str:
    if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
        message = "is not a web address"
        raise ValueError(message)
    if len(quote(url, safe=ASCII)) > LONGEST_URL:
        message = f"is longer than {LONGEST_URL} characters"
        raise ValueError(message)
    return url


Storable = AfterValidator(_storable)
Name = Annotated[
    str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True), Storable
]
Site = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern="^[ -~]+$")]
Url = Annotated[str, StringConstraints(max_length=LONGEST_URL), Storable, AfterValidator(_web)]
Title = Annotated[str, StringConstraints(max_length=1000), Storable]
Text = Annotated[str, Storable, AfterValidator(_written)]
Language = Annotated[str, StringConstraints(max_length=35), Storable]


class Item(BaseModel):
    """Something to store, known by its site and an identity there."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    site: Site


class Company(Item):
    """A company that is reviewed; its key is (site, url)."""

    url: Url
    name: Name
    website: Url | None = None
    logo_url: Url | None = None
    category: Name | None = None
    sub_category: Name | None = None


class Review(Item):
    """What somebody wrote about a company; its key is (site, site_id)."""

    site_id: Name
    company_url: Url
    company: Name
    title: Title | None = None
    text: Text
    rating: Annotated[int, Field(ge=1, le=5)]
    date: dt.date | None = None
    language: Language | None = None
    page_url: Url


@dataclass(frozen=True)
class Reject:
    """An item that does not fit: why, in few words that stay the same, and what was read."""

    kind: Kind
    reason: str
    page_url: str
    raw: dict[str, Any]


def hashed_id(company_url: str, text: str, day: dt.date | None) -> str:
    """Return the identity of a review to which its site gives none."""
    parts = [company_url, text, day.isoformat() if day else ""]
    return "sha256:" + hashlib.sha256("\0".join(parts).encode()).hexdigest()
