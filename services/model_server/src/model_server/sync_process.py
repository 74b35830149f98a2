"""`model-server sync`: the process beside TorchServe, from its settings to its end."""

import signal
import sys
import time
from types import FrameType
from typing import NoReturn

import structlog

from model_server import readiness
from model_server.endpoints import Endpoints, served
from model_server.registry import Registry
from model_server.settings import Settings
from model_server.store import Store
from model_server.synchroniser import Synchroniser
from model_server.torchserve import TorchServe

MEGABYTE = 1_000_000


class SyncError(RuntimeError):
    """The synchroniser cannot be started; the message says why."""


def run(settings: Settings) -> NoReturn:
    """Look again and again until SIGTERM or Ctrl-C.

    A signal ends it wherever it is: what it leaves half done is finished by the next start.

    Raises:
        SyncError: there is no token.
        OSError: the port is taken.
    """
    synchroniser = build(settings)
    configure_logs()
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGINT, _end)
    endpoints = Endpoints(
        synchroniser.status, lambda: readiness.is_ready(synchroniser.torchserve.management)
    )
    with served(endpoints, settings.model_host, settings.sync_port):
        while True:
            synchroniser.look()
            time.sleep(settings.sync_interval_seconds)


def build(settings: Settings) -> Synchroniser:
    """Return the synchroniser that the settings ask for."""
    if settings.model_sync_token is None:
        raise SyncError("MODEL_SYNC_TOKEN is not set: it needs a token that may models:read")
    return Synchroniser(
        Registry(
            settings.review_api_url.rstrip("/"),
            settings.model_sync_token.get_secret_value(),
            settings.sync_alias,
        ),
        TorchServe(
            f"http://127.0.0.1:{settings.management_port}",
            f"http://127.0.0.1:{settings.model_port}",
            settings.model_workers,
            settings.sync_start_seconds,
        ),
        Store(settings.model_server_home.resolve()),
        settings.sync_drain_seconds,
        settings.sync_largest_megabytes * MEGABYTE,
        settings.signing_key,
    )


def configure_logs() -> None:
    """Log one JSON object a line on standard output."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
    )


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(0 if number == signal.SIGTERM else 128 + number)
