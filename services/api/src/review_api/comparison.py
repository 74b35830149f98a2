"""Versions side by side on live traffic, by the worker's own calls and people's ratings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from peewee import fn

from review_api import measurements
from review_api.agreement import TENTHS, Scored, scored_since, shadows_since
from review_api.canary_schemas import Comparison, Measured, Role
from review_api.measurements import Calls
from review_api.models import ModelAlias, ModelCallCount, ModelVersion

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

ROLES: tuple[Role, ...] = ("production", "canary", "previous")
"""What a version can be at the same time; the first counts."""


def compare(since: datetime) -> Comparison:
    """Return what was measured of each version since a time, those in use first."""
    calls = measurements.read(ModelCallCount.minute >= fn.date_trunc("minute", since))
    unseen = {version: found for (version, role), found in calls.items() if role == "shadow"}
    shadows = shadows_since(since)
    in_shadow: dict[str, Role] = dict.fromkeys(sorted(unseen.keys() | shadows.keys()), "shadow")
    return Comparison(
        since=since,
        versions=[
            *_side_by_side(_roles(), _seen(calls), scored_since(since)),
            *_side_by_side(in_shadow, unseen, shadows),
        ],
    )


def _seen(calls: Mapping[tuple[str, str], Calls]) -> dict[str, Calls]:
    """Return the calls whose answers everybody sees, by version."""
    seen: dict[str, Calls] = {}
    for (version, role), found in calls.items():
        if role != "shadow":
            seen[version] = seen.get(version, Calls({})) + found
    return seen


def _roles() -> dict[str, Role]:
    """Return what versions are in use as, production first."""
    query = ModelAlias.select(ModelAlias.name, ModelVersion.version).join(ModelVersion)
    pairs: list[Any] = list(query.tuples())
    versions = dict(pairs)
    roles: dict[str, Role] = {}
    for role in ROLES:
        if role in versions:
            roles.setdefault(versions[role], role)
    return roles


def _side_by_side(
    roles: Mapping[str, Role], calls: Mapping[str, Calls], scores: Mapping[str, Scored]
) -> Iterator[Measured]:
    others = sorted((calls.keys() | scores.keys()) - roles.keys())
    for version in [*roles, *others]:
        yield _measured(
            version, roles.get(version), calls.get(version, Calls({})), scores.get(version)
        )


def _measured(version: str, role: Role | None, calls: Calls, found: Scored | None) -> Measured:
    scores = found or Scored()
    return Measured(
        version=version,
        role=role,
        answers=calls.answers,
        failures=calls.failures,
        success_rate=calls.success_rate,
        p50_ms=calls.quantile(0.5),
        p99_ms=calls.quantile(0.99),
        rated=scores.rated.total(),
        agreement=scores.agreement,
        scores=[scores.tenths[tenth] for tenth in range(TENTHS)],
    )
