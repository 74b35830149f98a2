"""The bodies and queries of the canary, the comparison of models, and the events of both."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, Field

from review_api.model_schemas import Explained, ModelSort, Part
from review_api.schemas import Body, ListFilter, Query
from review_api.times import Rfc3339

Share = Annotated[int, Field(ge=0, le=10_000, description="In ten thousandths.")]
Role = Literal["production", "canary", "previous", "shadow"]
Action = Literal[
    "registered",
    "gated",
    "promoted",
    "canary_set",
    "canary_removed",
    "weight",
    "shadow",
    "policy",
    "rolled_back",
    "forced",
]


class CanaryPolicy(Body):
    """When `review-api work` gives the canary more, promotes it or removes it by itself."""

    enabled: bool = False
    step: Annotated[int, Field(ge=1, le=10_000)] = 500
    max: Annotated[int, Field(ge=1, le=9500)] = Field(
        5000, description="Production keeps a part, to compare with."
    )
    success_rate: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 0.99
    p99_ms: Annotated[float, Field(gt=0, le=600_000, allow_inf_nan=False)] = 500
    agreement_drop: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 0.05
    interval_seconds: Annotated[int, Field(ge=1, le=86_400)] = 60
    least_answers: Annotated[int, Field(ge=200, le=1_000_000)] = 200
    least_rated: Annotated[int, Field(ge=50, le=1_000_000)] = 50
    promote: bool = False


class CanaryChange(Explained):
    """What is to change of the canary; what is not given stays."""

    weight: Share | None = None
    shadow: Share | None = None
    policy: CanaryPolicy | None = Field(
        None, description="What of the policy is given changes; the rest of it stays."
    )


class CanaryInfo(BaseModel):
    """What callers send to the canary, and by what policy that changes."""

    weight: int
    version: str | None
    policy: CanaryPolicy
    shadow: int


class EventFilter(ListFilter):
    """Which events to list, and how."""

    sort: ModelSort = "-created_date"
    action: Action | None = None
    version: Part | None = None


class SavedEvent(BaseModel):
    """Who did what, and why."""

    id: int
    created_date: AwareDatetime
    who: str
    action: Action
    name: str | None
    version: str | None
    reason: str | None
    details: dict[str, Any] | None


class ComparisonQuery(Query):
    """Since when."""

    since: Rfc3339 | None = Field(None, description="RFC 3339; default a week ago.")


class Measured(BaseModel):
    """What the worker's own calls to a version say of it."""

    version: str
    role: Role | None
    answers: int
    failures: int
    success_rate: float | None
    p50_ms: float | None
    p99_ms: float | None
    rated: int
    agreement: float | None
    scores: list[int]


class Comparison(BaseModel):
    """Versions on live traffic, side by side."""

    since: AwareDatetime
    versions: list[Measured]
