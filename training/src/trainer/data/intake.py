"""What became of the rows that were read: how many are used, and why the others are not."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Intake:
    """Counts of rows; `read` is `used` plus all that `left_out` counts, by reason.

    `noted` counts what is used and still worth telling, by what it is.
    """

    read: int
    used: int
    left_out: dict[str, int] = field(default_factory=dict)
    noted: dict[str, int] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """Return the counts for a person to read, a line each."""
        return [
            f"{self.read:,} rows read, {self.used:,} used",
            *(f"{count:,} left out: {reason}" for reason, count in self.left_out.items()),
            *(f"{count:,} {what}" for what, count in self.noted.items()),
        ]

    def as_dict(self) -> dict[str, Any]:
        """Return the counts as JSON holds them; `Intake(**counts)` takes them back."""
        return asdict(self)


@dataclass
class Tally:
    """The counts while rows are being read."""

    read: int = 0
    used: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    noted: Counter[str] = field(default_factory=Counter)

    def intake(self) -> Intake:
        """Return the counts as they stand."""
        left_out, noted = (dict((+counts).most_common()) for counts in (self.left_out, self.noted))
        return Intake(self.read, self.used, left_out, noted)
