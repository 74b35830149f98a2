"""Numbers, times and versions as the owner's pages write them."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from dash import html
from dash.development.base_component import Component

NOTHING = "\N{EN DASH}"
# A number is not parted from its unit at the end of a line.
PERCENT = "\N{NO-BREAK SPACE}%"


def date_text(moment: datetime) -> str:
    """A moment in UTC as people write it."""
    return f"{moment.astimezone(UTC):%-d %b %Y, %H:%M}"


def time_view(moment: datetime | None) -> Component:
    """A moment in UTC, or a dash where there is none."""
    if moment is None:
        return html.Span(NOTHING)
    return html.Time(date_text(moment), dateTime=moment.isoformat())


def duration_text(length: timedelta) -> str:
    """A length of time by its two largest units."""
    seconds = max(round(length.total_seconds()), 0)
    hours, minutes = seconds // 3600, seconds // 60 % 60
    if hours:
        return f"{hours} h {minutes} min"
    if minutes:
        return f"{minutes} min {seconds % 60} s"
    return f"{seconds} s" if seconds else "less than 1 s"


def share_text(share: float | None, digits: int = 0) -> str:
    """A share from 0 to 1 in percent."""
    return NOTHING if share is None else f"{100 * share:.{digits}f}{PERCENT}"


def number_text(number: float | None, digits: int = 0) -> str:
    """A number with thousands apart."""
    return NOTHING if number is None else f"{number:,.{digits}f}"


def measure_text(number: float | None) -> str:
    """A measured number of any size, to four digits."""
    return NOTHING if number is None else f"{number:,.4g}"


def count_text(number: int, noun: str, plural: str | None = None) -> str:
    """How many of something there are."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def sentence(text: str) -> str:
    """What the API says in passing, begun and ended as a sentence."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}." if text else ""


def size_text(size: int | None) -> str:
    """A file's size in the unit that suits it."""
    if size is None:
        return NOTHING
    megabytes = size / 1e6
    return f"{megabytes:,.1f} MB" if megabytes >= 1 else f"{size / 1e3:,.1f} kB"


def flattened(values: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """The values of nested objects, each by the names that lead to it."""
    for name, value in values.items():
        path = f"{before} · {name}" if before else name
        if isinstance(value, Mapping):
            yield from flattened(value, path)
        else:
            yield path, value


def value_text(value: object) -> str:
    """A value of a JSON object in words."""
    if isinstance(value, list):
        return ", ".join(map(value_text, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return measure_text(value) if isinstance(value, float) else f"{value:,}"
    return "" if value is None else str(value)
