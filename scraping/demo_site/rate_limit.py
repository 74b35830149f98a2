"""Counts the requests of each client, so that the impatient ones are told to wait."""

from collections import Counter


class RateLimit:
    """At most so many requests in each second of the clock, for each client; None is no limit."""

    def __init__(self, per_second: int | None) -> None:
        self._per_second = per_second
        self._second = 0
        self._requests: Counter[str] = Counter()

    def allows(self, client: str, now: float) -> bool:
        """Count a request and say whether it may pass."""
        if self._per_second is None:
            return True
        if int(now) != self._second:
            self._second = int(now)
            self._requests.clear()
        self._requests[client] += 1
        return self._requests[client] <= self._per_second
