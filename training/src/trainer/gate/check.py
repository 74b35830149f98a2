"""One check of the gate: what was measured, the limit, and which side of it that is."""

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

Verdict = Literal["pass", "fail", "skipped"]


@dataclass(frozen=True)
class Check:
    """A check's outcome; `detail` says in words what was compared with what."""

    name: str
    verdict: Verdict
    measured: float | None
    limit: float | None
    detail: str

    def as_dict(self) -> dict[str, Any]:
        """Return the check as the API takes it."""
        return asdict(self)


def at_least(name: str, measured: float, limit: float, detail: str) -> Check:
    """Return the check that `measured` is not below `limit`; what is no number fails."""
    return _compared(name, measured, limit, detail, passes=measured >= limit)


def at_most(name: str, measured: float, limit: float, detail: str) -> Check:
    """Return the check that `measured` is not above `limit`; what is no number fails."""
    return _compared(name, measured, limit, detail, passes=measured <= limit)


def skipped(name: str, why: str) -> Check:
    """Return the check that could not be made."""
    return Check(name, "skipped", None, None, why)


def _compared(name: str, measured: float, limit: float, detail: str, *, passes: bool) -> Check:
    finite = float(measured) if math.isfinite(measured) else None
    return Check(name, "pass" if passes else "fail", finite, float(limit), detail)
