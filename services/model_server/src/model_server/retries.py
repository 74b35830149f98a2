"""When to try again what has failed: soon at first, then less and less often."""

from dataclasses import dataclass

FIRST = 5.0
LONGEST = 300.0
"""Seconds."""


@dataclass(frozen=True)
class _Failure:
    what: str
    why: str
    count: int
    retry_at: float


class Retries:
    """Remembers the last thing that failed; anything else may be tried at once."""

    def __init__(self) -> None:
        self._last: _Failure | None = None

    def failed(self, what: str, why: str, now: float) -> None:
        """Note a failure of `what`."""
        before = self._last.count if self._last and self._last.what == what else 0
        delay = min(FIRST * 2**before, LONGEST)
        self._last = _Failure(what, why, before + 1, now + delay)

    def obstacle(self, what: str, now: float) -> str | None:
        """Return why `what` has failed while it is too early to try it again, else None."""
        last = self._last
        return last.why if last and last.what == what and now < last.retry_at else None
