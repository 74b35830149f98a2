"""What Prometheus may know: how long answers took, ours and the other services'."""

import time

from flask import Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, Histogram, generate_latest

REQUEST_SECONDS = Histogram(
    "review_ui_request_seconds",
    "Time to answer a request of a browser.",
    ["method", "endpoint", "status"],
)
UPSTREAM_SECONDS = Histogram(
    "review_ui_upstream_seconds",
    "Time until another service answered the UI's server.",
    ["service", "outcome"],
)


def measure_requests(server: Flask) -> None:
    """Time every request and publish the numbers at /metrics."""
    server.before_request(_start_clock)
    server.after_request(_observe)
    server.add_url_rule("/metrics", "metrics", _metrics)


def _start_clock() -> None:
    g.clock = time.perf_counter()


def _observe(response: Response) -> Response:
    # The endpoint, not the path: paths are the visitor's to choose and would have no end.
    labels = (request.method, request.endpoint or "none", str(response.status_code))
    REQUEST_SECONDS.labels(*labels).observe(time.perf_counter() - g.clock)
    return response


def _metrics() -> Response:
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)
