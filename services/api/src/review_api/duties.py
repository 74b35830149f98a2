"""What ``review-api work`` does besides scoring: each duty at its own interval."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


@dataclass(frozen=True)
class Duty:
    """Something to do again and again.

    Attributes:
        seconds: from one time to the next.
        run: does it once.
    """

    seconds: float
    run: Callable[[], object]


class Agenda:
    """Duties, and when each is due; all are at the start."""

    def __init__(self, duties: Iterable[Duty]) -> None:
        self._due = dict.fromkeys(duties, 0.0)

    def is_due(self) -> bool:
        """Say whether there is something to do."""
        return any(due <= time.monotonic() for due in self._due.values())

    def run_due(self) -> None:
        """Do all that is due; what fails stays due."""
        for duty, due in self._due.items():
            if due <= time.monotonic():
                duty.run()
                self._due[duty] = time.monotonic() + duty.seconds
