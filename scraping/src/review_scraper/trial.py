"""What a page gave, for people: how a profile is tried on one page before a whole site."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from review_scraper.extraction import Found, Link
from review_scraper.items import Company, Review

FIRST = 5
"""So many items of a kind are shown; the others are counted."""

LONGEST = 300
"""Characters of a value that are shown."""


def report(link: Link, found: Found) -> RenderableType:
    """Return the whole report: what was found, what was rejected and why, what is missing."""
    return Group(
        Text(f"{link.kind} page {link.url}", style="bold"),
        _counts(found),
        *_shown("Company", found.companies),
        *_shown("Review", found.reviews),
        *_links(found),
        *_rejects(found),
        *_missed(found),
    )


def _counts(found: Found) -> Text:
    counted = {
        "companies": found.companies,
        "reviews": found.reviews,
        "links": found.links,
        "rejected": found.rejects,
        "missed": found.missed,
    }
    return Text(", ".join(f"{name}: {len(all_of_it)}" for name, all_of_it in counted.items()))


def _shown(title: str, items: tuple[Company, ...] | tuple[Review, ...]) -> Iterator[RenderableType]:
    """Yield a table for each of the first items, and how many more there are."""
    for number, item in enumerate(islice(items, FIRST), start=1):
        table = _table(f"{title} {number} of {len(items)}")
        for name, value in item:
            shown = Text("none", style="dim") if value is None else Text(_short(str(value)))
            table.add_row(name, shown)
        yield table


def _links(found: Found) -> Iterator[RenderableType]:
    if found.links:
        table = _table(f"Links ({len(found.links)})")
        for link in islice(found.links, FIRST):
            carried = ", ".join(link.context.values())
            table.add_row(link.kind, Text(f"{link.url}  {carried}".strip()))
        yield table
    yield Text(f"Next page: {found.next.url if found.next else 'none'}")


def _rejects(found: Found) -> Iterator[RenderableType]:
    if not found.rejects:
        return
    table = _table("Rejected")
    for reason, count in Counter(
        f"{one.kind}: {one.reason}" for one in found.rejects
    ).most_common():
        table.add_row(str(count), Text(reason))
    yield table
    for one in islice(found.rejects, FIRST):
        yield Text(_short(f"  {one.kind}: {one.raw}"), style="dim")


def _missed(found: Found) -> Iterator[RenderableType]:
    if not found.missed:
        yield Text("Nothing that must be here is missing.", style="green")
    for one in found.missed:
        yield Text(f"Missed: {one}", style="bold red")


def _table(title: str) -> Table:
    table = Table(title=title, title_justify="left", show_header=False, box=None, padding=(0, 2))
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(overflow="fold")
    return table


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def as_values(found: Found) -> dict[str, Any]:
    """Return what was found as JSON can hold it, without what is empty."""
    values = {
        "links": [_link_values(link) for link in found.links],
        "next": found.next and _link_values(found.next),
        "companies": [one.model_dump(mode="json") for one in found.companies],
        "reviews": [one.model_dump(mode="json") for one in found.reviews],
        "rejects": [asdict(one) for one in found.rejects],
        "missed": list(found.missed),
    }
    return {name: value for name, value in values.items() if value}


def _link_values(link: Link) -> dict[str, Any]:
    return {"kind": link.kind, "url": link.url, "context": dict(link.context)}
