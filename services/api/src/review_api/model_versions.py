"""``/api/model-versions`` and ``/api/model-aliases``: what was trained, and what is in use."""

from flask import Blueprint, Response, request
from peewee import fn
from pydantic import AwareDatetime, TypeAdapter

from review_api import lists
from review_api.bodies import read_json
from review_api.model_schemas import (
    AliasInfo,
    ModelFilter,
    NamedVersion,
    NewModelVersion,
    SavedModelVersion,
)
from review_api.models import ModelAlias, ModelVersion
from review_api.operations import describe
from review_api.paging import Listing, Order
from review_api.problems import Problem

blueprint = Blueprint("models", __name__)

VERSIONS = Listing(
    "model-versions",
    ModelVersion,
    SavedModelVersion,
    {"created_date": Order(ModelVersion.created_date, TypeAdapter(AwareDatetime))},
)
ALIAS = "/api/model-aliases/<any(production):alias>"


@blueprint.post("/api/model-versions")
@describe(
    "Register a trained model; 200 when it already is, 409 when another is under its version.",
    json=NewModelVersion,
    answer=SavedModelVersion,
    status=201,
    scope="models:write",
    also=(200,),
    problems=(400, 401, 403, 409, 413, 415, 503),
)
def register_version() -> tuple[Response, int]:
    """Answer with the version as it is registered; what is registered never changes."""
    new = read_json(NewModelVersion)
    is_new = bool(
        ModelVersion.insert(new.model_dump())
        .on_conflict(conflict_target=("name", "version"), action="ignore")
        .returning(ModelVersion.id)
        .execute()
    )
    stored = _version(new)
    if stored.sha256 != new.sha256:
        raise Problem(409, f"{new.name} {new.version} is registered with another sha256")
    return _json(SavedModelVersion.model_validate(stored)), 201 if is_new else 200


@blueprint.get("/api/model-versions")
@describe(
    "List registered models by page, newest first, or stream them as CSV or NDJSON.",
    query=ModelFilter,
    scope="models:read",
    answer=list[SavedModelVersion],
    **lists.LISTED,
)
def list_versions() -> Response:
    """Answer with a page, or with a stream of everything."""
    wanted = ModelFilter.from_query(request.args.to_dict(flat=False))
    return lists.answer(VERSIONS, wanted, {"name": ModelVersion.name == wanted.name})


@blueprint.put(ALIAS)
@describe(
    "Say which version an alias means.",
    json=NamedVersion,
    answer=AliasInfo,
    scope="models:write",
    problems=(400, 401, 403, 404, 413, 415, 503),
)
def set_alias(alias: str) -> Response:
    """Answer with the alias; setting it to what it means already changes nothing."""
    version = _version(read_json(NamedVersion))
    (
        ModelAlias.insert(name=alias, model=version)
        .on_conflict(
            conflict_target=(ModelAlias.name,),
            update={ModelAlias.model: version, ModelAlias.changed_date: fn.clock_timestamp()},
            where=ModelAlias.model != version,
        )
        .execute()
    )
    return _json(_alias(alias))


@blueprint.get(ALIAS)
@describe(
    "Say which version an alias means, and since when.",
    answer=AliasInfo,
    scope="models:read",
    problems=(401, 403, 404, 503),
)
def get_alias(alias: str) -> Response:
    """Answer with the alias."""
    return _json(_alias(alias))


def _version(named: NamedVersion) -> ModelVersion:
    version: ModelVersion | None = ModelVersion.get_or_none(
        (ModelVersion.name == named.name) & (ModelVersion.version == named.version)
    )
    if version is None:
        raise Problem(404, f"there is no {named.name} {named.version}")
    return version


def _alias(name: str) -> AliasInfo:
    query = ModelAlias.select(ModelAlias, ModelVersion).join(ModelVersion)
    alias = query.where(ModelAlias.name == name).first()
    if alias is None:
        raise Problem(404, f"{name} is not set")
    model = SavedModelVersion.model_validate(alias.model)
    return AliasInfo(alias=name, changed=alias.changed_date, model=model)


def _json(answer: SavedModelVersion | AliasInfo) -> Response:
    return Response(answer.model_dump_json(), mimetype="application/json")
