"""Health for whoever runs the process: alive, ready, and which version this is.

Ready means that the process answers. The pages work, and say what is missing, while the
review API or TorchServe is away, so neither belongs in the probe.
"""

from importlib.metadata import version

from flask import Blueprint, Response, jsonify

health = Blueprint("health", __name__)


@health.get("/healthz")
def healthz() -> Response:
    """The process is alive."""
    return jsonify(status="ok")


@health.get("/readyz")
def readyz() -> Response:
    """The process can serve pages."""
    return jsonify(status="ready")


@health.get("/version")
def show_version() -> Response:
    """Name and version of this service."""
    return jsonify(name="review-ui", version=version("review-ui"))
