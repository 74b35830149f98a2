"""What a lap gives: `lap.json` for programs, and some lines for people."""

from dataclasses import asdict, dataclass, field
from typing import Any

MIDDLE = 3
"""Stars."""


@dataclass(frozen=True)
class Probe:
    """A text that nobody wrote, the stars of its made-up word, and its score before and after."""

    text: str
    rating: int
    before: float
    after: float

    @property
    def has_moved(self) -> bool:
        """Whether the score has gone to where people's stars are."""
        return self.after < self.before if self.rating < MIDDLE else self.after > self.before


@dataclass
class Lap:
    """The lap as far as it has come; each step adds what it saw."""

    versions: dict[str, str] = field(default_factory=dict)
    """`before` and `after`: what was in production."""
    gates: list[dict[str, Any]] = field(default_factory=list)
    """Each verdict with its reasons."""
    reviews: dict[str, int] = field(default_factory=dict)
    """What people wrote, and what of it was held back until the owner decided."""
    probes: list[Probe] = field(default_factory=list)
    canary: dict[str, Any] = field(default_factory=dict)
    """The comparison of both versions on live traffic."""
    promotion: dict[str, Any] = field(default_factory=dict)
    rollback: dict[str, Any] = field(default_factory=dict)
    """The traffic during a switch, and the seconds until all answers came from the other model."""
    sabotage: dict[str, Any] = field(default_factory=dict)
    """What the gate and the API said, and after how many seconds the policy had removed it."""
    seconds: dict[str, float] = field(default_factory=dict)
    """How long each step took."""

    def faults(self) -> list[str]:
        """Return what went otherwise than a lap must go."""
        return [fault for fault, happened in self._faults().items() if happened]

    def _faults(self) -> dict[str, bool]:
        return {
            "production is what it was before": self.versions["before"] == self.versions["after"],
            "a request failed during the promotion": bool(self.promotion["failures"]),
            "a request failed during the rollback": bool(self.rollback["failures"]),
            "a third version answered during a switch": any(
                set(switch["versions"]) - set(self.versions.values())
                for switch in (self.promotion, self.rollback)
            ),
            "a probe's score has not gone to where people's stars are": not all(
                probe.has_moved for probe in self.probes
            ),
            "the gate let the sabotaged model pass": self.sabotage["gate"] != "fail",
            "the API took the sabotaged model": not self.sabotage["refused"],
        }

    def document(self) -> dict[str, Any]:
        """Return everything for JSON."""
        return {**asdict(self), "faults": self.faults()}
