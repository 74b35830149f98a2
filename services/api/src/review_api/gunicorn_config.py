"""gunicorn's configuration.

``gunicorn -c python:review_api.gunicorn_config 'review_api:create_app()'``
"""

import os
import shutil
import sys
import tempfile
from typing import Any

from pydantic import ValidationError

from review_api.logs import configure_structlog, logging_settings
from review_api.settings import Settings, complaints

try:
    _settings = Settings()
except ValidationError as error:
    sys.exit(f"review-api: {complaints(error)}")

bind = _settings.api_bind
workers = _settings.api_workers
threads = _settings.api_threads
worker_class = "gthread"
graceful_timeout = 30
timeout = 60
keepalive = 5
control_socket_disable = True
logconfig_dict = logging_settings(_settings.log_level)


def on_starting(_server: Any) -> None:  # noqa: ANN401 (gunicorn ships no types)
    """Make the folder in which workers share their metrics, before any of them starts."""
    configure_structlog()
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="review-api-metrics-")


def post_worker_init(worker: Any) -> None:  # noqa: ANN401 (gunicorn ships no types)
    """Let those who follow a log know when the worker is told to end."""
    worker.wsgi.extensions["followers"].is_ending = lambda: not worker.alive


def child_exit(_server: Any, worker: Any) -> None:  # noqa: ANN401 (gunicorn ships no types)
    """Drop what a dead worker measured of its own present."""
    from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415 (needs the folder)

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]  # The library leaves it untyped.


def on_exit(_server: Any) -> None:  # noqa: ANN401 (gunicorn ships no types)
    """Remove the folder of shared metrics."""
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)
