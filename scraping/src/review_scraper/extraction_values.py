"""Values as pages write them, read as items hold them: texts, ratings, dates, addresses."""

import datetime as dt
import re
from fractions import Fraction
from urllib.parse import urljoin, urlsplit

from w3lib.url import canonicalize_url, safe_url_string, url_query_cleaner

Scalar = str | int | float

STARS = 5
HTTP = {"http": 80, "https": 443}
NUMBER = r"(?:(?<!\w)-)?\d{1,9}(?:[.,]\d{1,9})?"
BETWEEN = r"\s*(?:/|\bout\s+of\b|\bof\b|\bvon\b|\bsur\b)\s*"
OUT_OF = re.compile(rf"({NUMBER}){BETWEEN}({NUMBER})", re.IGNORECASE)
EPOCH_SECONDS = range(10**8, 10**10)
EPOCH_MILLISECONDS = range(10**11, 10**13)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH = rf"(?P<month>{'|'.join(MONTHS)})[a-z]*\.?"
DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
WRITTEN_DATES = (
    re.compile(r"(?<!\d)(?P<year>\d{4})[/.](?P<month>\d{1,2})[/.](?P<day>\d{1,2})(?!\d)"),
    re.compile(rf"\b{MONTH}\s+{DAY},?\s+(?P<year>\d{{4}})\b", re.IGNORECASE),
    re.compile(rf"\b{DAY}\s+{MONTH},?\s+(?P<year>\d{{4}})\b", re.IGNORECASE),
)
HOST = re.compile(r"[\w-]+(\.[\w-]+)*\.?|[0-9a-f.]*:[0-9a-f:.]*")
BARE_HOST = re.compile(r"[\w-]+(\.[\w-]+)+([:/?].*)?")


class UnfitError(ValueError):
    """A value, or the item that has it, does not fit; the message is a reason to count by."""


def clean(text: str) -> str:
    """Return `text` with single spaces, and without what no database stores."""
    return " ".join(text.replace("\0", " ").encode("utf-8", "replace").decode().split())


def read_rating(raw: Scalar, best: int = STARS) -> int:
    """Return stars from 1 to 5 of a number, "4,0", "4 out of 5", "8/10" or "★★★★☆".

    Raises:
        UnfitError: it is none, or out of range.
    """
    try:
        value, highest = _numbers(raw, best)
        stars = value * STARS / highest
    except (ArithmeticError, ValueError) as error:
        raise UnfitError("rating is not a number") from error
    if not 1 <= stars <= STARS:
        raise UnfitError("rating is not 1 to 5")
    if stars.denominator != 1:
        raise UnfitError("rating is not whole stars")
    return int(stars)


def _numbers(raw: Scalar, best: int) -> tuple[Fraction, Fraction]:
    """Return the rating that is written in `raw`, and the best one of its scale."""
    if not isinstance(raw, str):
        return Fraction(raw), Fraction(best)
    if "★" in raw:
        return Fraction(raw.count("★")), Fraction(STARS)
    if pair := OUT_OF.search(raw):
        return _fraction(pair[1]), _fraction(pair[2])
    (number,) = re.findall(NUMBER, raw)
    return _fraction(number), Fraction(best)


def _fraction(number: str) -> Fraction:
    return Fraction(number.replace(",", "."))


def read_date(raw: Scalar, written_as: str | None = None) -> dt.date:
    """Return the day (in UTC where a zone is given) of an ISO time, seconds, or "3 May 2026".

    With `written_as` only that format of strptime counts: "03/05/2026" alone could be two days.

    Raises:
        UnfitError: it is no date.
    """
    try:
        if written_as is not None:
            return _day(dt.datetime.strptime(str(raw), written_as))  # noqa: DTZ007  # A day has no zone.
        return _written_day(raw) if isinstance(raw, str) else _epoch_day(raw)
    except (ArithmeticError, ValueError) as error:
        raise UnfitError("date is not a date") from error


def _written_day(raw: str) -> dt.date:
    if re.fullmatch(r"\d{9,13}", raw):
        return _epoch_day(int(raw))
    for pattern in WRITTEN_DATES:
        if found := pattern.search(raw):
            month = found["month"]
            number = int(month) if month.isdecimal() else MONTHS.index(month[:3].lower()) + 1
            return dt.date(int(found["year"]), number, int(found["day"]))
    return _day(dt.datetime.fromisoformat(raw))


def _day(moment: dt.datetime) -> dt.date:
    return (moment.astimezone(dt.UTC) if moment.tzinfo else moment).date()


def _epoch_day(number: float) -> dt.date:
    """Return the day of seconds, or as JavaScript has it milliseconds, since 1970."""
    seconds = number / 1000 if int(number) in EPOCH_MILLISECONDS else number
    if int(seconds) not in EPOCH_SECONDS:
        message = "too small or too large for a time"
        raise ValueError(message)
    return dt.datetime.fromtimestamp(seconds, dt.UTC).date()


def read_count(raw: Scalar) -> int | None:
    """Return the first number in `raw`, whose thousands may be set apart."""
    found = re.search(r"\d{1,3}(?:[.,\s]\d{3})+|\d{1,18}", str(raw))
    return int(re.sub(r"\D", "", found[0])) if found else None


def address(base: str, raw: str) -> str | None:
    """Return where `raw` leads to from `base`; None where that is no web page."""
    try:
        url = safe_url_string(urljoin(base, raw.strip()))
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in HTTP or not HOST.fullmatch(parts.hostname or ""):
        return None
    if port == HTTP[parts.scheme]:
        return parts._replace(netloc=parts.netloc.rpartition(":")[0]).geturl()
    return url


def website(base: str, raw: str) -> str | None:
    """Return the address of a company's site, which is often written without its scheme."""
    return address(base, f"https://{raw}" if BARE_HOST.fullmatch(raw) else raw)


def page_address(base: str, raw: str, query: tuple[str, ...] | None = None) -> str | None:
    """Return the one address of a page of the site; of its parameters only `query`, if given.

    Pages are told apart by it: the order of parameters, fragments and tracking do not count.
    """
    url = address(base, raw)
    if url is None:
        return None
    kept = url if query is None else _with_query(url, query)
    return canonicalize_url(kept)


def _with_query(url: str, query: tuple[str, ...]) -> str:
    bare = urlsplit(url)._replace(query="", fragment="").geturl()
    return url_query_cleaner(url, query) if query else bare
