"""``/api/model-aliases``: which version is in production, which is the canary, and the way back."""

from flask import Blueprint, Response, request

from review_api import registry
from review_api.access import caller
from review_api.bodies import read_json
from review_api.model_schemas import AliasInfo, Explained, NewAlias, NewRollback
from review_api.model_versions import VERSIONS
from review_api.models import ModelAlias, ModelVersion
from review_api.operations import describe
from review_api.problems import Problem
from review_api.registry import PRODUCTION, Author
from review_api.settings import current_settings

blueprint = Blueprint("model_aliases", __name__)

ALIASES = "/api/model-aliases"


@blueprint.put(f"{ALIASES}/<any(production,canary):alias>")
@describe(
    "Say which version an alias means; 409 when the gate has not passed it.",
    json=NewAlias,
    answer=AliasInfo,
    scope="models:write",
    problems=(400, 401, 403, 404, 409, 413, 415, 503),
)
def set_alias(alias: str) -> Response:
    """Answer with the alias; setting it to what it means already changes nothing."""
    new = read_json(NewAlias)
    if new.force and not caller().may("admin"):
        raise Problem(403, "to force needs the scope admin")
    if new.force and not new.reason:
        raise Problem(400, "to force needs a reason")
    set_to = registry.promote if alias == PRODUCTION else registry.set_canary
    required = current_settings().gate_required
    set_to(new, Author(caller().name, new.reason), gate_required=required, force=new.force)
    return _answer(alias)


@blueprint.get(f"{ALIASES}/<any(production,canary,previous):alias>")
@describe(
    "Say which version an alias means, and since when.",
    answer=AliasInfo,
    scope="models:read",
    problems=(401, 403, 404, 503),
)
def get_alias(alias: str) -> Response:
    """Answer with the alias."""
    return _answer(alias)


@blueprint.delete(f"{ALIASES}/canary")
@describe(
    "Take the canary away, and its weight; nobody is sent to it any more.",
    json=Explained,
    body_required=False,
    status=204,
    scope="models:write",
    problems=(400, 401, 403, 404, 413, 415, 503),
)
def remove_canary() -> Response:
    """Answer when there is no canary any more."""
    given = read_json(Explained) if request.get_data() else Explained()
    if registry.meaning(registry.CANARY) is None:
        raise Problem(404, "canary is not set")
    registry.remove_canary(Author(caller().name, given.reason))
    return Response(status=204)


@blueprint.post(f"{ALIASES}/production/rollback")
@describe(
    "Go back to the previous version; production and previous change places.",
    json=NewRollback,
    answer=AliasInfo,
    scope="models:write",
    problems=(400, 401, 403, 409, 413, 415, 503),
)
def roll_back() -> Response:
    """Answer with what is in production now."""
    registry.roll_back(Author(caller().name, read_json(NewRollback).reason))
    return _answer(PRODUCTION)


def _answer(name: str) -> Response:
    """Answer with an alias and its version as of one moment."""
    query = VERSIONS.rows().select_extend(ModelAlias.changed_date.alias("changed"))
    alias_of = (ModelAlias.model == ModelVersion.id) & (ModelAlias.name == name)
    row = query.join(ModelAlias, on=alias_of).dicts().first()
    if row is None:
        raise Problem(404, f"{name} is not set")
    info = AliasInfo.model_validate({"alias": name, "changed": row["changed"], "model": row})
    return Response(info.model_dump_json(), mimetype="application/json")
