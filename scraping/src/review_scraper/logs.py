"""The log: readable lines on a terminal, JSON elsewhere, always on standard error."""

import logging
import sys

import structlog


def configure(level: str) -> None:
    """Log what is at least so important; other libraries speak only while we debug."""
    terminal = sys.stderr.isatty()
    renderer = structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.disable(logging.NOTSET if level == "DEBUG" else logging.CRITICAL)
