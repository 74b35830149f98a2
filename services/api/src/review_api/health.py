"""Alive, ready, measured, and which version: what operators ask every service."""

from importlib.metadata import version

from flask import Blueprint, Response, jsonify

from review_api import metrics, stored_metrics
from review_api.database import pending_migrations
from review_api.operations import describe
from review_api.problems import unavailable
from review_api.schemas import Status, VersionInfo

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@describe("Say that the process is alive.", answer=Status)
def healthz() -> Response:
    """Answer without looking at anything else."""
    return jsonify(status="alive")


@blueprint.get("/readyz")
@describe(
    "Say whether requests can be served: the database is reachable and migrated.",
    answer=Status,
    problems=(503,),
)
def readyz() -> Response:
    """Answer 503 until the database is reachable and migrated."""
    if pending := pending_migrations():
        raise unavailable(f"the database lacks {len(pending)} migrations")
    return jsonify(status="ready")


@blueprint.get("/metrics")
@describe("Metrics for Prometheus.", answer=str, media_types=("text/plain",))
def prometheus() -> Response:
    """Answer with the metrics of all workers."""
    return metrics.exposition(stored_metrics.registry())


@blueprint.get("/version")
@describe("Say what runs here.", answer=VersionInfo)
def running_version() -> Response:
    """Answer with the package's version."""
    return jsonify(name="review-api", version=version("review-api"))
