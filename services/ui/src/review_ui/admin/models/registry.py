"""The registry of models, the canary and its measurements, as the review API gives them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, TypeAdapter
from requests import codes

from review_ui.owner_calls import Listing, OwnerCalls, page_query
from review_ui.upstream import RefusedError

PAGE_SIZE = 25
FEW_EVENTS = 10

Alias = Literal["production", "canary", "previous"]
ALIASES: tuple[Alias, ...] = ("production", "canary", "previous")


class _Shape(BaseModel):
    # Pydantic would otherwise keep names that begin with `model_` for itself.
    model_config = ConfigDict(frozen=True, protected_namespaces=())


class GateVerdict(_Shape):
    """What the latest gate report of a version says."""

    verdict: Literal["pass", "fail"]
    reasons: tuple[str, ...]
    created_date: datetime


class ModelVersion(_Shape):
    """A registered model; configuration and profile are given for a single one only."""

    name: str
    version: str
    uri: str
    sha256: str
    metrics: dict[str, Any] | None
    data_digest: str | None
    code_revision: str | None
    created_date: datetime
    parent: str | None
    rows: dict[str, int] | None
    size_bytes: int | None
    signature: str | None
    gate: GateVerdict | None
    aliases: tuple[str, ...]
    configuration: dict[str, Any] | None = None
    profile: dict[str, Any] | None = None

    @property
    def key(self) -> str:
        """What addresses and actions call it."""
        return f"{self.name}/{self.version}"


class AliasMeaning(_Shape):
    """Which version an alias means, and since when."""

    changed: datetime
    model: ModelVersion


class GateCheck(_Shape):
    """One thing that the gate looked at."""

    name: str
    verdict: Literal["pass", "fail", "skipped"]
    measured: float | None
    limit: float | None
    detail: str


class GateReport(_Shape):
    """All that the gate found."""

    created_date: datetime
    verdict: Literal["pass", "fail"]
    against: str | None
    reasons: tuple[str, ...]
    checks: tuple[GateCheck, ...]
    figures: dict[str, Any]


class Policy(_Shape):
    """When the canary gets more, is promoted or is removed by itself."""

    enabled: bool
    step: int
    max: int
    success_rate: float
    p99_ms: float
    agreement_drop: float
    interval_seconds: int
    least_answers: int
    least_rated: int
    promote: bool


class Canary(_Shape):
    """How many ten thousandths of the visitors go to the canary, and of the reviews in shadow."""

    weight: int
    version: str | None
    policy: Policy
    shadow: int


class Measured(_Shape):
    """How a version does on live traffic."""

    version: str
    role: str | None
    answers: int
    failures: int
    success_rate: float | None
    p50_ms: float | None
    p99_ms: float | None
    rated: int
    agreement: float | None
    scores: tuple[int, ...]


class Comparison(_Shape):
    """Versions side by side."""

    since: datetime
    versions: tuple[Measured, ...]


class ModelEvent(_Shape):
    """Who did what, and why."""

    id: int
    created_date: datetime
    who: str
    action: str
    name: str | None
    version: str | None
    reason: str | None
    details: dict[str, Any] | None


_VERSION = TypeAdapter(ModelVersion)
_VERSIONS = TypeAdapter(tuple[ModelVersion, ...])
_ALIAS = TypeAdapter(AliasMeaning)
_REPORTS = TypeAdapter(tuple[GateReport, ...])
_CANARY = TypeAdapter(Canary)
_COMPARISON = TypeAdapter(Comparison)
_EVENTS = TypeAdapter(tuple[ModelEvent, ...])


def fetch_versions(calls: OwnerCalls, cursor: str | None) -> Listing[ModelVersion]:
    """A page of the versions, newest first."""
    return calls.list(_VERSIONS, "/api/model-versions", page_query(PAGE_SIZE, cursor))


def fetch_version(calls: OwnerCalls, key: str) -> ModelVersion:
    """One version with how it was trained."""
    return calls.get(_VERSION, f"/api/model-versions/{quote(key)}")


def fetch_reports(calls: OwnerCalls, key: str) -> tuple[GateReport, ...]:
    """Its gate reports, newest first."""
    return calls.get(_REPORTS, f"/api/model-versions/{quote(key)}/gate-reports")


def fetch_aliases(calls: OwnerCalls) -> Mapping[Alias, AliasMeaning | None]:
    """What each alias means; None where it is not set."""
    return {alias: _meaning(calls, alias) for alias in ALIASES}


def fetch_canary(calls: OwnerCalls) -> Canary:
    """The canary's weight, share in shadow and policy."""
    return calls.get(_CANARY, "/api/canary")


def fetch_comparison(calls: OwnerCalls) -> Comparison:
    """How the versions in use did lately."""
    return calls.get(_COMPARISON, "/api/model-comparison")


def fetch_events(
    calls: OwnerCalls, cursor: str | None = None, limit: int = FEW_EVENTS
) -> Listing[ModelEvent]:
    """What happened to models and the canary, newest first."""
    return calls.list(_EVENTS, "/api/model-events", page_query(limit, cursor))


def _meaning(calls: OwnerCalls, alias: Alias) -> AliasMeaning | None:
    try:
        return calls.get(_ALIAS, f"/api/model-aliases/{alias}")
    except RefusedError as refusal:
        if refusal.status != codes.not_found:
            raise
        return None
