"""``/api/model-versions``: what was trained, out of what, and what the gate found of it."""

from flask import Blueprint, Response, request
from peewee import fn
from pydantic import AwareDatetime, BaseModel, TypeAdapter

from review_api import lists, registry
from review_api.access import caller
from review_api.bodies import read_json
from review_api.model_schemas import (
    ModelFilter,
    NamedVersion,
    NewGateReport,
    NewModelVersion,
    SavedGateReport,
    SavedModelVersion,
    WholeModelVersion,
)
from review_api.models import GateReport, ModelAlias, ModelVersion
from review_api.operations import describe
from review_api.paging import Listing, Order
from review_api.problems import Problem
from review_api.registry import Author, RegistryError, UnknownVersionError

blueprint = Blueprint("models", __name__)

LATEST_REPORT = (
    GateReport.select(
        fn.json_build_object(
            *("verdict", GateReport.verdict),
            *("reasons", GateReport.reasons),
            *("created_date", GateReport.created_date),
        )
    )
    .where(GateReport.model == ModelVersion.id)
    .order_by(GateReport.id.desc())
    .limit(1)
)
ALIASES = fn.array(
    ModelAlias.select(ModelAlias.name)
    .where(ModelAlias.model == ModelVersion.id)
    .order_by(ModelAlias.name)
)
VERSIONS = Listing(
    "model-versions",
    ModelVersion,
    SavedModelVersion,
    {"created_date": Order(ModelVersion.created_date, TypeAdapter(AwareDatetime))},
    {"gate": LATEST_REPORT, "aliases": ALIASES},
)
VERSION = "/api/model-versions/<name>/<version>"
MOST_REPORTS = 100


@blueprint.app_errorhandler(UnknownVersionError)
def answer_unknown(error: UnknownVersionError) -> Response:
    """Answer 404 with what there is not."""
    return Problem(404, str(error)).response()


@blueprint.app_errorhandler(RegistryError)
def answer_refused(error: RegistryError) -> Response:
    """Answer 409 with the reason."""
    return Problem(409, str(error)).response()


@blueprint.post("/api/model-versions")
@describe(
    "Register a trained model; 200 when it already is, 409 when another is under its version.",
    json=NewModelVersion,
    answer=WholeModelVersion,
    status=201,
    scope="models:write",
    also=(200,),
    problems=(400, 401, 403, 409, 413, 415, 503),
)
def register_version() -> tuple[Response, int]:
    """Answer with the version as it is registered; what is registered never changes."""
    new = read_json(NewModelVersion)
    is_new = registry.register(new, Author(caller().name))
    return _json(whole(new)), 201 if is_new else 200


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


@blueprint.get(VERSION)
@describe(
    "Show a registered model with how it was trained.",
    answer=WholeModelVersion,
    scope="models:read",
    problems=(400, 401, 403, 404, 503),
)
def show_version(name: str, version: str) -> Response:
    """Answer with the version."""
    return _json(whole(NamedVersion(name=name, version=version)))


@blueprint.post(f"{VERSION}/gate-reports")
@describe(
    "Keep what the gate found of a version.",
    json=NewGateReport,
    answer=SavedGateReport,
    status=201,
    scope="models:write",
    problems=(400, 401, 403, 404, 413, 415, 503),
)
def add_gate_report(name: str, version: str) -> tuple[Response, int]:
    """Answer with the report as it is kept; reports are never changed."""
    named = NamedVersion(name=name, version=version)
    report = registry.add_report(named, read_json(NewGateReport), Author(caller().name))
    return _json(SavedGateReport.model_validate(report)), 201


@blueprint.get(f"{VERSION}/gate-reports")
@describe(
    f"List what the gate found of a version, newest first, at most {MOST_REPORTS}.",
    answer=list[SavedGateReport],
    scope="models:read",
    problems=(400, 401, 403, 404, 503),
)
def list_gate_reports(name: str, version: str) -> Response:
    """Answer with the reports."""
    model = registry.find(NamedVersion(name=name, version=version))
    query = GateReport.select().where(GateReport.model == model).order_by(GateReport.id.desc())
    reports = TypeAdapter(list[SavedGateReport])
    content = reports.dump_json(reports.validate_python(list(query.limit(MOST_REPORTS))))
    return Response(content, mimetype="application/json")


def whole(named: NamedVersion) -> WholeModelVersion:
    """Return all there is to say of a version, or raise `UnknownVersionError`."""
    model = registry.find(named)
    query = VERSIONS.rows().select_extend(ModelVersion.configuration, ModelVersion.profile)
    return WholeModelVersion.model_validate(query.where(ModelVersion.id == model.id).dicts()[0])


def saved(model: ModelVersion) -> SavedModelVersion:
    """Return what lists say of a version."""
    query = VERSIONS.rows().where(ModelVersion.id == model.id)
    return SavedModelVersion.model_validate(query.dicts()[0])


def _json(answer: BaseModel) -> Response:
    return Response(answer.model_dump_json(), mimetype="application/json")
