"""The bodies and queries of model versions, their gate reports and aliases."""

import json
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
)

from review_api.schemas import Body, ListFilter, Storable

NUL = json.dumps("\0").strip('"')


def _storable_json(value: dict[str, Any]) -> dict[str, Any]:
    """Refuse what JSON in Postgres cannot hold."""
    try:
        text = json.dumps(value, allow_nan=False)
    except ValueError:
        message = "must hold finite numbers of reasonable length"
        raise ValueError(message) from None
    if NUL in text:
        message = "must not contain NUL characters"
        raise ValueError(message)
    return value


Part = Annotated[
    str,
    StringConstraints(min_length=1, max_length=100, pattern="^[A-Za-z0-9][A-Za-z0-9._+-]*$"),
    Field(description="Letters, digits and . _ + -, so that it can be part of a file's name."),
]
Uri = Annotated[
    str,
    StringConstraints(max_length=2000, pattern="^[a-z][a-z0-9+.-]*://."),
    Storable,
    Field(description="Where the artifact is, such as file:///… or s3://…"),
]
Sha256 = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
JsonObject = Annotated[dict[str, JsonValue], AfterValidator(_storable_json)]
Digest = Annotated[str, StringConstraints(max_length=200), Storable]
Count = Annotated[int, Field(ge=0, lt=2**63)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=2000), Storable]
Title = Annotated[str, StringConstraints(min_length=1, max_length=200), Storable]
Figure = Annotated[float, Field(allow_inf_nan=False)]

ModelSort = Literal["-created_date", "created_date"]
Verdict = Literal["pass", "fail"]


class NamedVersion(Body):
    """A version by its name."""

    name: Part
    version: Part


class NewModelVersion(NamedVersion):
    """A trained model to register."""

    uri: Uri
    sha256: Sha256
    metrics: JsonObject | None = None
    data_digest: Digest | None = None
    code_revision: Digest | None = None
    parent: Part | None = Field(
        None, description="The version that was in production when this one was trained."
    )
    rows: Annotated[dict[Title, Count], Field(max_length=1000)] | None = Field(
        None, description="How many reviews of each source it was trained on."
    )
    configuration: JsonObject | None = None
    profile: JsonObject | None = Field(None, description="How its training set looks, for drift.")
    size_bytes: Count | None = None
    signature: Sha256 | None = Field(
        None, description="HMAC-SHA256 over name, version and sha256, a line each, in hexadecimal."
    )


class GateCheck(Body):
    """One thing that the gate looked at."""

    name: Title
    verdict: Literal["pass", "fail", "skipped"]
    measured: Figure | None
    limit: Figure | None
    detail: Annotated[str, StringConstraints(max_length=2000), Storable]


class NewGateReport(Body):
    """What the gate found."""

    verdict: Verdict
    against: Part | None = Field(description="The version that it was held against.")
    reasons: Annotated[list[Reason], Field(max_length=100)]
    checks: Annotated[list[GateCheck], Field(max_length=200)]
    figures: JsonObject


class SavedGateReport(BaseModel):
    """A gate report as it is kept."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    verdict: Verdict
    against: str | None
    reasons: list[str]
    checks: list[GateCheck]
    figures: dict[str, Any]
    created_date: AwareDatetime


class GateVerdict(BaseModel):
    """What the latest gate report says."""

    verdict: Verdict
    reasons: list[str]
    created_date: AwareDatetime


class SavedModelVersion(BaseModel):
    """A registered model."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    version: str
    uri: str
    sha256: str
    metrics: dict[str, Any] | None
    data_digest: str | None
    code_revision: str | None
    parent: str | None
    rows: dict[str, int] | None
    size_bytes: int | None
    signature: str | None
    created_date: AwareDatetime
    gate: GateVerdict | None
    aliases: list[str]


class WholeModelVersion(SavedModelVersion):
    """A registered model with how it was trained."""

    configuration: dict[str, Any] | None
    profile: dict[str, Any] | None


class ModelFilter(ListFilter):
    """Which versions to list, and how."""

    sort: ModelSort = "-created_date"
    name: Part | None = Field(None, description="The model's whole name.")


class Explained(Body):
    """Why."""

    reason: Reason | None = None


class NewAlias(NamedVersion, Explained):
    """What an alias is to mean."""

    force: bool = Field(
        default=False,
        description="Also without a gate report that passed: needs a reason and the scope admin.",
    )


class NewRollback(Body):
    """Why production goes back."""

    reason: Reason


class AliasInfo(BaseModel):
    """What an alias means, and since when."""

    alias: str
    changed: AwareDatetime
    model: SavedModelVersion
