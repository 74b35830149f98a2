"""What a run did, for people as text and for programs as JSON."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from review_scraper.files import replaced

MOST_SHOWN = 20
"""Pages that are listed by address; the counts are of all."""


@dataclass(frozen=True)
class Summary:
    """One run, and what is known after it."""

    site: str
    shard: str
    outcome: str
    pass_finished: bool
    seconds: float
    pages: int
    browser_pages: int
    bytes: int
    pages_per_minute: float
    reviews_per_second: float
    companies: int
    new_companies: int
    reviews: int
    new_reviews: int
    changed_reviews: int
    rejected: dict[str, int]
    errors: dict[str, int]
    notes: dict[str, int]
    missed: list[tuple[str, str]]
    failed: list[tuple[str, str]]
    pages_waiting: int
    known_companies: int
    known_reviews: int
    delivered: int
    undelivered: int
    delivery_refused: str | None
    peak_memory_mb: int


def write_json(summary: Summary, path: Path) -> None:
    """Write the summary for programs."""
    with replaced(path) as beside:
        beside.write_text(json.dumps(asdict(summary), indent=2, ensure_ascii=False) + "\n")


def as_text(summary: Summary) -> str:
    """Return the summary for people."""
    continued = "" if summary.pass_finished else ", to be continued"
    facts = {
        "pages": f"{summary.pages} ({summary.browser_pages} in the browser), "
        f"{summary.pages_per_minute:.0f} a minute, {summary.bytes / 1e6:.1f} MB",
        "companies": f"{summary.companies} read, {summary.new_companies} new, "
        f"{summary.known_companies} known",
        "reviews": f"{summary.reviews} read, {summary.new_reviews} new, "
        f"{summary.changed_reviews} changed, {summary.known_reviews} known",
        "delivered": f"{summary.delivered}, waiting {summary.undelivered}",
        "refused": summary.delivery_refused or "",
        "rejected": _counts(summary.rejected),
        "errors": _counts(summary.errors),
        "notes": _counts(summary.notes),
    }
    head = f"{summary.site}, shard {summary.shard}: {summary.outcome} after {summary.seconds:.1f} s"
    return "\n".join(
        [
            head + continued,
            *(_line(title, fact) for title, fact in facts.items() if fact),
            *(_line("missed", f"{url}: {what}") for url, what in summary.missed),
            *(_line("failed", f"{url}: {reason}") for url, reason in summary.failed),
        ]
    )


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in sorted(counts.items()))


def _line(title: str, fact: str) -> str:
    return f"  {title:<9}  {fact}"
