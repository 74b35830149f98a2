"""``/api/canary``, the comparison of models on live traffic, and the events of both."""

from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, request
from pydantic import AwareDatetime, BaseModel, TypeAdapter

from review_api import canary, comparison, lists
from review_api.access import caller
from review_api.bodies import read_json
from review_api.canary_schemas import (
    CanaryChange,
    CanaryInfo,
    Comparison,
    ComparisonQuery,
    EventFilter,
    SavedEvent,
)
from review_api.models import ModelEvent
from review_api.operations import describe
from review_api.paging import Listing, Order
from review_api.registry import Author

blueprint = Blueprint("canary", __name__)

EVENTS = Listing(
    "model-events",
    ModelEvent,
    SavedEvent,
    {"created_date": Order(ModelEvent.created_date, TypeAdapter(AwareDatetime))},
)
USUAL_WINDOW = timedelta(days=7)


@blueprint.get("/api/canary")
@describe(
    "Say how many ten thousandths of the visitors go to the canary, and by what policy.",
    answer=CanaryInfo,
    problems=(503,),
)
def get_canary() -> Response:
    """Answer with one look at the database; callers ask every other second."""
    return _json(canary.situation().info())


@blueprint.put("/api/canary")
@describe(
    "Change the canary's weight, its share of shadow scoring or its policy.",
    json=CanaryChange,
    answer=CanaryInfo,
    scope="models:write",
    problems=(400, 401, 403, 409, 413, 415, 503),
)
def change_canary() -> Response:
    """Answer with what holds now; what is not given stays."""
    wanted = read_json(CanaryChange)
    canary.change(wanted, Author(caller().name, wanted.reason))
    return _json(canary.situation().info())


@blueprint.get("/api/model-comparison")
@describe(
    "Compare versions by what the worker's own calls measured of them.",
    query=ComparisonQuery,
    answer=Comparison,
    scope="models:read",
    problems=(400, 401, 403, 503),
)
def compare() -> Response:
    """Answer with the versions side by side."""
    wanted = ComparisonQuery.from_query(request.args.to_dict(flat=False))
    return _json(comparison.compare(wanted.since or datetime.now(UTC) - USUAL_WINDOW))


@blueprint.get("/api/model-events")
@describe(
    "List who did what to models and the canary by page, or stream it as CSV or NDJSON.",
    query=EventFilter,
    scope="models:read",
    answer=list[SavedEvent],
    **lists.LISTED,
)
def list_events() -> Response:
    """Answer with a page, or with a stream of everything."""
    wanted = EventFilter.from_query(request.args.to_dict(flat=False))
    conditions = {
        "action": ModelEvent.action == wanted.action,
        "version": ModelEvent.version == wanted.version,
    }
    return lists.answer(EVENTS, wanted, conditions)


def _json(answer: BaseModel) -> Response:
    return Response(answer.model_dump_json(), mimetype="application/json")
