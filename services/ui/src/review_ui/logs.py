"""JSON log lines on stdout, each with the id of the request that it belongs to."""

import logging.config
import re
import time
import uuid
from typing import Any

import structlog
from flask import Flask, Response, g, request

REQUEST_ID_HEADER = "X-Request-ID"
_ACCEPTABLE_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_QUIET_PATHS = ("/healthz", "/readyz", "/metrics")

_log = structlog.stdlib.get_logger(__name__)


def logging_config(level: str) -> dict[str, Any]:
    """Settings for `logging.config.dictConfig`: everything goes to stdout as JSON."""
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        "foreign_pre_chain": _shared_processors(),
    }
    handler = {
        "class": "logging.StreamHandler",
        "stream": "ext://sys.stdout",
        "formatter": "json",
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": formatter},
        "handlers": {"stdout": handler},
        "root": {"level": level.upper(), "handlers": ["stdout"]},
        "loggers": {
            # Gunicorn gives its loggers handlers of their own unless told otherwise.
            "gunicorn.error": {"propagate": True, "handlers": []},
            "gunicorn.access": {"propagate": False, "handlers": []},
        },
    }


def configure_logging(level: str) -> None:
    """Make structlog and the standard library write the same JSON lines."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared_processors(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    logging.config.dictConfig(logging_config(level))


def log_requests(server: Flask) -> None:
    """Give each request an id, log it when it is answered, and send the id back."""
    server.before_request(_begin_request)
    server.after_request(_end_request)


def current_request_id() -> str:
    """The id of the request being answered; a new one outside of any request."""
    bound: str | None = structlog.contextvars.get_contextvars().get("request_id")
    return bound or uuid.uuid4().hex


def accepted_request_id(offered: str | None) -> str:
    """The caller's own id if it is a harmless one, otherwise a new one."""
    if offered and _ACCEPTABLE_ID.fullmatch(offered):
        return offered
    return uuid.uuid4().hex


def _shared_processors() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _begin_request() -> None:
    g.started = time.perf_counter()
    request_id = accepted_request_id(request.headers.get(REQUEST_ID_HEADER))
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request_id)


def _end_request(response: Response) -> Response:
    response.headers[REQUEST_ID_HEADER] = current_request_id()
    level = logging.DEBUG if request.path in _QUIET_PATHS else logging.INFO
    _log.log(
        level,
        "request",
        method=request.method,
        path=request.path,
        status=response.status_code,
        milliseconds=round(1000 * (time.perf_counter() - g.started), 1),
    )
    return response
