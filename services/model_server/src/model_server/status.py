"""What the synchroniser knows and has done, for probes, metrics and people."""

from collections import Counter
from dataclasses import dataclass, field

from model_server.versions import WantedModel


@dataclass
class Status:
    """Written by the loop alone; the endpoints read it at any time."""

    alias: str = "production"
    """Which alias in the review API says what to serve."""
    wanted: WantedModel | None = None
    """What it last said; None where the alias means nothing."""
    serving: str | None = None
    """The version that TorchServe answers with by default."""
    problem: str | None = "it has not looked yet"
    """Why what is served may not be what is wanted."""
    switches: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    """How often something failed, by what it was."""

    @property
    def in_order(self) -> bool:
        """Whether what is wanted is known and served."""
        is_served = self.wanted is None or self.wanted.version == self.serving
        return self.problem is None and is_served

    def want(self, model: WantedModel | None) -> None:
        """Note what the alias means; a problem with what was there before is none any more."""
        if model != self.wanted:
            self.wanted, self.problem = model, None

    def count_failure(self, of: str, problem: str) -> str:
        """Count a failure; return the problem as it is."""
        self.failures[of] += 1
        return problem

    def note_switch(self, version: str) -> None:
        """Note that another version has become the default."""
        self.switches += 1
        self.serving = version

    def as_dict(self) -> dict[str, str | None]:
        """Return what people ask for."""
        return {
            "alias": self.alias,
            "serving": self.serving,
            "wanted": self.wanted.version if self.wanted else None,
            "problem": self.problem,
        }
