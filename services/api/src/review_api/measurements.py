"""What the worker's own calls to a model took, counted by minute and by how long they took.

A call is one of a bucket's: bucket n has those of up to 1.1^n milliseconds, `FAILED` those that
failed. So a busy minute is a few rows, and a percentile is known to a twentieth of itself.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from peewee import fn

from review_api import metrics
from review_api.models import ModelCallCount

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Role = Literal["production", "canary", "shadow"]

FAILED = -1
GROWTH = 1.1
LAST = 150
"""The bucket of everything that took longer than 26 minutes; no call may."""

KEPT = timedelta(days=90)

THIS_MINUTE = fn.date_trunc("minute", fn.clock_timestamp())


@dataclass(frozen=True)
class Call:
    """A call to a model: of which version, as what, and how long it took; None when it failed."""

    version: str
    role: Role
    step: int
    milliseconds: float | None

    @property
    def bucket(self) -> int:
        """The bucket that the call belongs to."""
        if self.milliseconds is None:
            return FAILED
        return min(math.ceil(math.log(max(self.milliseconds, 1), GROWTH)), LAST)


def record(calls: Iterable[Call]) -> None:
    """Count calls, for the comparison of models and for Prometheus."""
    for call in calls:
        _observe(call)
        row = {"version": call.version, "role": call.role, "step": call.step}
        (
            ModelCallCount.insert(row, minute=THIS_MINUTE, bucket=call.bucket, calls=1)
            .on_conflict(
                conflict_target=("minute", "step", "version", "role", "bucket"),
                update={"calls": ModelCallCount.calls + 1},
            )
            .execute()
        )


def _observe(call: Call) -> None:
    outcome = "failed" if call.milliseconds is None else "answered"
    metrics.MODEL_CALLS.labels(call.version, call.role, outcome).inc()
    if call.milliseconds is not None:
        metrics.MODEL_SECONDS.labels(call.version, call.role).observe(call.milliseconds / 1000)


@dataclass(frozen=True)
class Calls:
    """Calls by their buckets."""

    buckets: Mapping[int, int]

    def __add__(self, other: Calls) -> Calls:
        return Calls(Counter(self.buckets) + Counter(other.buckets))

    @property
    def failures(self) -> int:
        """How many failed."""
        return self.buckets.get(FAILED, 0)

    @property
    def answers(self) -> int:
        """How many were answered."""
        return sum(self.buckets.values()) - self.failures

    @property
    def success_rate(self) -> float | None:
        """The share that was answered; None of no calls."""
        total = self.answers + self.failures
        return self.answers / total if total else None

    def quantile(self, share: float) -> float | None:
        """Return the milliseconds in which a share of the answers came; None without answers."""
        left = share * self.answers
        for bucket, calls in sorted(self.buckets.items()):
            if bucket == FAILED:
                continue
            left -= calls
            if left <= 0:
                return float(round(GROWTH ** (bucket - 0.5), 1))
        return None


def read(*conditions: object) -> dict[tuple[str, str], Calls]:
    """Return the calls that match, by version and role."""
    columns = (ModelCallCount.version, ModelCallCount.role, ModelCallCount.bucket)
    query = ModelCallCount.select(*columns, fn.sum(ModelCallCount.calls))
    if conditions:
        query = query.where(*conditions)
    counted: dict[tuple[str, str], Counter[int]] = {}
    rows: list[Any] = list(query.group_by(*columns).tuples())
    for version, role, bucket, calls in rows:
        counted.setdefault((version, role), Counter())[bucket] += int(calls)
    return {key: Calls(buckets) for key, buckets in counted.items()}
