"""Prometheus metrics, summed over all workers of one gunicorn."""

import os

from flask import Flask, Response, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from review_api.logs import elapsed

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

REQUESTS = Counter("http_requests_total", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram("http_request_duration_seconds", "Time to answer.", ["method", "route"])
REVIEWS = Counter("reviews_saved_total", "Reviews saved.")
MODEL_CALLS = Counter(
    "candor_model_calls_total", "The worker's calls to models.", ["version", "role", "outcome"]
)
MODEL_SECONDS = Histogram(
    "candor_model_call_duration_seconds", "Time that answers took.", ["version", "role"]
)


def init_app(app: Flask) -> None:
    """Count and time every request."""
    app.after_request(_observe)


def _observe(response: Response) -> Response:
    method = request.method if request.method in METHODS else "other"
    route = request.url_rule.rule if request.url_rule else "unknown"
    REQUESTS.labels(method, route, response.status_code).inc()
    SECONDS.labels(method, route).observe(elapsed())
    return response


def exposition(stored: CollectorRegistry) -> Response:
    """Return all metrics in Prometheus' text format, with those that the database holds."""
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # The library leaves it untyped.
    text = generate_latest(registry) + generate_latest(stored)
    return Response(text, content_type=CONTENT_TYPE_LATEST)
