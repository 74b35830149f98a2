"""What a run has done so far, counted; progress, metrics and the summary read it."""

import time
from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Tally:
    """The counts of one run. One thread writes, others may read at any time."""

    started: float = field(default_factory=time.monotonic)
    ended: float | None = None
    pages: int = 0
    browser_pages: int = 0
    bytes: int = 0
    companies: int = 0
    new_companies: int = 0
    reviews: int = 0
    new_reviews: int = 0
    changed_reviews: int = 0
    delivered: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    """What was met and dealt with, such as redirects, wrong encodings and fresh companies."""

    @property
    def failed(self) -> int:
        """Pages that were given up."""
        return self.errors.total()

    @property
    def seconds(self) -> float:
        """How long the fetching has taken."""
        return (self.ended or time.monotonic()) - self.started

    def end(self) -> None:
        """Stop the clock."""
        self.ended = time.monotonic()
