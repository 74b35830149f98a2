"""Says when a part that died is started again, and when that is given up."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RestartPolicy:
    """Times in seconds."""

    limit: int = 5
    """So many failures in a row are too many."""
    recovery: float = 60
    """A part that was healthy for so long starts a new row."""
    first_delay: float = 0.5
    longest_delay: float = 8

    def count(self, earlier: int, healthy_for: float) -> int:
        """Return the failures in a row, with the one that just happened."""
        return 1 if healthy_for >= self.recovery else earlier + 1

    def delay(self, failures: int) -> float | None:
        """Return the seconds to wait before the next start, or None to give up."""
        if failures >= self.limit:
            return None
        return min(self.first_delay * 2.0 ** (failures - 1), self.longest_delay)
