"""The bodies and queries of model versions and aliases."""

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
Metrics = Annotated[dict[str, JsonValue], AfterValidator(_storable_json)]
Digest = Annotated[str, StringConstraints(max_length=200), Storable]

ModelSort = Literal["-created_date", "created_date"]


class NamedVersion(Body):
    """A version by its name."""

    name: Part
    version: Part


class NewModelVersion(NamedVersion):
    """A trained model to register."""

    uri: Uri
    sha256: Sha256
    metrics: Metrics | None = None
    data_digest: Digest | None = None
    code_revision: Digest | None = None


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
    created_date: AwareDatetime


class ModelFilter(ListFilter):
    """Which versions to list, and how."""

    sort: ModelSort = "-created_date"
    name: Part | None = Field(None, description="The model's whole name.")


class AliasInfo(BaseModel):
    """What an alias means, and since when."""

    alias: str
    changed: AwareDatetime
    model: SavedModelVersion
