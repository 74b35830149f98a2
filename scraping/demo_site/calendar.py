"""When reviews are written and companies open: a rhythm without end, of which a day shows a part.

A company writes a review every so often, from the opening of the site on. So what a day shows,
every later day shows too, and how many reviews there are is a division rather than a list.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import isqrt
from typing import Final

from demo_site.config import Config
from demo_site.dice import Dice

REFERENCE_DAY: Final = date(2026, 11, 24)
"""The day whose companies and reviews are as many as a configuration says."""

HISTORY: Final = 100 * 24 * 60 * 60
"""The seconds from the opening of the site to the end of the reference day."""

DAYS_BETWEEN_COMPANIES: Final = 7
JITTERS: Final = 1 << 16


def _midnight(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


REFERENCE_END: Final = _midnight(REFERENCE_DAY + timedelta(days=1))


@dataclass(frozen=True)
class Rhythm:
    """`reviews` reviews in every `HISTORY` seconds from `start` on (seconds since 1970)."""

    start: int
    reviews: int

    def written(self, number: int, jitter: int) -> int:
        """Return when the review of this number is written; the jitter keeps it off the beat."""
        return self.start + (number * JITTERS + jitter) * HISTORY // (self.reviews * JITTERS)

    def beats(self, until: int) -> int:
        """Return how many reviews are certainly written by then; one more may be."""
        return max(0, (until - self.start) * self.reviews // HISTORY)


class Calendar:
    """The days of one site."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self.end_of_today: Final = _midnight(config.today + timedelta(days=1))

    def companies(self) -> int:
        """Return how many companies the site has today."""
        days = max(0, (self._config.today - REFERENCE_DAY).days)
        return self._config.companies + days // DAYS_BETWEEN_COMPANIES

    def rhythm(self, company: int) -> Rhythm:
        """Return the company's rhythm; the first companies are the busiest."""
        newer = company - self._config.companies
        if newer >= 0:
            opening = REFERENCE_END + newer * DAYS_BETWEEN_COMPANIES * 24 * 60 * 60
            return Rhythm(opening, max(1, self._config.reviews // self._config.companies))
        share = self._reviews_before(company + 1) - self._reviews_before(company)
        if share:
            return Rhythm(REFERENCE_END - HISTORY, share)
        return Rhythm(REFERENCE_END, 1)

    def reviews(self, company: int) -> int:
        """Return how many reviews the company has today."""
        rhythm = self.rhythm(company)
        sure = rhythm.beats(self.end_of_today)
        if self.end_of_today <= rhythm.start:
            return 0
        jitter = review_dice(self._config.seed, company, sure).below(JITTERS)
        return sure + (rhythm.written(sure, jitter) < self.end_of_today)

    def _reviews_before(self, company: int) -> int:
        """Return how many reviews the companies before this one have: they grow as a root does."""
        return isqrt(self._config.reviews**2 * company // self._config.companies)


def review_dice(seed: int, company: int, number: int) -> Dice:
    """Return the dice of a review; the first roll is its jitter."""
    return Dice("review", seed, company, number)
