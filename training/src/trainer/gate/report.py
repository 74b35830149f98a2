"""The gate's report: the verdict, why, every check, and the figures behind them."""

from dataclasses import dataclass, field
from typing import Any, Literal

from trainer.gate.check import Check
from trainer.markdown import table


@dataclass(frozen=True)
class Report:
    """What the gate found of `candidate`; `against` is production's version, if there is one."""

    candidate: str
    against: str | None
    checks: tuple[Check, ...]
    figures: dict[str, Any] = field(default_factory=dict)

    @property
    def verdict(self) -> Literal["pass", "fail"]:
        """`pass` only when no check failed."""
        return "fail" if self.reasons else "pass"

    @property
    def reasons(self) -> list[str]:
        """Why it failed, a sentence a check."""
        return [f"{one.name}: {one.detail}" for one in self.checks if one.verdict == "fail"]

    def as_dict(self) -> dict[str, Any]:
        """Return the report as the API takes it."""
        return {
            "verdict": self.verdict,
            "against": self.against,
            "reasons": self.reasons,
            "checks": [one.as_dict() for one in self.checks],
            "figures": self.figures,
        }


def render(report: Report) -> str:
    """Return the report for people: every check in a table, then the verdict and why."""
    rows = [
        (one.name, one.verdict, _number(one.measured), _number(one.limit)) for one in report.checks
    ]
    against = f"against {report.against}" if report.against else "alone: nothing is in production"
    skipped = [f"- {one.name}: {one.detail}" for one in report.checks if one.verdict == "skipped"]
    lines = [
        f"gate: {report.candidate}, {against}",
        "",
        table(("check", "verdict", "measured", "limit"), rows),
        *(["", "not checked:", *skipped] if skipped else []),
        "",
        f"verdict: {report.verdict}",
        *(f"- {reason}" for reason in report.reasons),
    ]
    return "\n".join(lines)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"
