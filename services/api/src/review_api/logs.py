"""JSON logs, a line a request, with the request's id on every line."""

import logging
import logging.config
import re
import sys
import time
import uuid
from typing import Any

import structlog
from flask import Flask, Response, g, request

REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")

log = structlog.get_logger()

PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]


def logging_settings(level: str) -> dict[str, Any]:
    """Return a `logging.config` dictionary: everything as JSON on standard output."""
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": PROCESSORS,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(),
        ],
    }
    handler = {"class": "logging.StreamHandler", "stream": sys.stdout, "formatter": "json"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": formatter},
        "handlers": {"console": handler},
        "root": {"level": level, "handlers": ["console"]},
        "loggers": {"gunicorn.error": {"level": level, "handlers": [], "propagate": True}},
    }


def configure(level: str) -> None:
    """Log a whole process as JSON; gunicorn does this by its own configuration."""
    logging.config.dictConfig(logging_settings(level))
    configure_structlog()


def configure_structlog() -> None:
    """Send structlog's events through the standard library's logging."""
    structlog.configure(
        processors=[*PROCESSORS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def init_app(app: Flask) -> None:
    """Give each request its id and its line."""
    configure_structlog()
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
    g.started = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.request_id
    quiet = request.path in {"/healthz", "/readyz", "/metrics"}
    log.log(
        logging.DEBUG if quiet else logging.INFO,
        "request",
        method=request.method,
        path=request.path,
        status=response.status_code,
        milliseconds=round(1000 * elapsed(), 1),
    )
    return response


def request_id() -> str:
    """Return the id of this request, for calls that it leads to."""
    found: str = g.request_id
    return found


def elapsed() -> float:
    """Return the seconds since this request began."""
    started: float = g.started
    return time.perf_counter() - started
