"""``/healthz``, ``/readyz``, ``/metrics`` and ``/version`` of ``review-api work``, for probes."""

from __future__ import annotations

import os
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from review_api import database, health, problems

if TYPE_CHECKING:
    from collections.abc import Iterator

    from review_api.settings import Settings


class TakenError(Exception):
    """The port cannot be listened on, with the reason."""


class QuietHandler(WSGIRequestHandler):
    """Answers without a line in the log: probes come every few seconds."""

    def log(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def beside(settings: Settings) -> Iterator[None]:
    """Answer beside the work, in a thread of its own, if a port is set.

    Raises:
        TakenError: when the port is taken.
    """
    if not settings.work_port:
        yield
        return
    host = settings.api_bind.rpartition(":")[0].strip("[]")
    with _listening(host, settings.work_port) as listener:
        server = make_server(
            host,
            settings.work_port,
            _app(),
            threaded=True,
            request_handler=QuietHandler,
            fd=listener.fileno(),
        )
        thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        message = f"cannot listen on {host}:{port}: {os.strerror(error.errno or 0)}"
        raise TakenError(message) from None


def _app() -> Flask:
    """Return an application that has the routes of health only, on the pool that is open."""
    app = Flask("review_api", static_folder=None)
    problems.init_app(app)
    app.register_blueprint(health.blueprint)
    app.teardown_appcontext(lambda _error: database.give_back())
    return app
