"""What the synchroniser knows and has done, for probes, metrics and people."""

from collections import Counter
from dataclasses import dataclass, field

from model_server.registry import ProductionModel


@dataclass
class Status:
    """Written by the loop alone; the endpoints read it at any time."""

    wanted: ProductionModel | None = None
    """What the review API last said is in production."""
    serving: str | None = None
    """The version that TorchServe answers with by default."""
    problem: str | None = "it has not looked yet"
    """Why what is served may not be what is in production."""
    switches: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    """How often something failed, by what it was."""

    @property
    def in_order(self) -> bool:
        """Whether what is in production is known and served."""
        is_served = self.wanted is None or self.wanted.version == self.serving
        return self.problem is None and is_served

    def want(self, model: ProductionModel) -> None:
        """Note what is in production; a problem with what was there before is none any more."""
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
            "serving": self.serving,
            "production": self.wanted.version if self.wanted else None,
            "problem": self.problem,
        }
