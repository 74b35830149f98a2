"""What the parts of a running crawl share, and when it is to end."""

import datetime as dt
from dataclasses import dataclass, field

from review_scraper.frontier import Frontier
from review_scraper.profile import Profile
from review_scraper.recorder import Recorder
from review_scraper.tally import Tally


@dataclass(frozen=True)
class Budgets:
    """How much a run may do; what is left over is for the next run."""

    max_pages: int | None = None
    max_minutes: float | None = None
    max_errors: int | None = None

    def passed(self, taken: int, tally: Tally) -> str | None:
        """Return which budget is used up."""
        if self.max_pages is not None and taken >= self.max_pages:
            return "page budget"
        if self.max_minutes is not None and tally.seconds >= 60 * self.max_minutes:
            return "time budget"
        return None

    def too_many_errors(self, tally: Tally) -> bool:
        """Say whether more pages failed than may."""
        return self.max_errors is not None and tally.failed > self.max_errors


@dataclass(slots=True)
class Run:
    """One run over a pass, or a part of it."""

    profile: Profile
    frontier: Frontier
    recorder: Recorder
    budgets: Budgets
    tally: Tally
    today: dt.date | None = None
    taken: int = 0
    stopped: str | None = field(default=None)
    """Why no more pages are fetched; None while they are."""
    failed: bool = False
    """Whether that is a fault."""

    def stop(self, reason: str) -> None:
        """Fetch no more pages; the first reason stands."""
        self.stopped = self.stopped or reason

    def fail(self, reason: str) -> None:
        """Fetch no more pages, since something is wrong."""
        self.stop(reason)
        self.failed = True

    def ended(self) -> bool:
        """Say whether no more pages are to be fetched."""
        if self.budgets.too_many_errors(self.tally):
            self.fail("error budget")
        if reason := self.budgets.passed(self.taken, self.tally):
            self.stop(reason)
        return self.stopped is not None
