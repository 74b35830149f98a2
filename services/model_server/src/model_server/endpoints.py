"""What operators ask the synchroniser: alive, ready, metrics, version."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version

from model_server import exposition
from model_server.status import Status

JSON = "application/json"
Answer = tuple[HTTPStatus, str, str]
"""Status, kind of content, content."""


@dataclass(frozen=True)
class Endpoints:
    """Answers by path; ready means that TorchServe's default version has a ready worker."""

    status: Status
    is_ready: Callable[[], bool]

    def answer(self, path: str) -> Answer:
        """Return the answer to a GET of a path."""
        known: dict[str, Callable[[], Answer]] = {
            "/healthz": lambda: _json(HTTPStatus.OK, {"status": "alive"}),
            "/readyz": self._readiness,
            "/metrics": self._metrics,
            "/version": self._version,
        }
        found = known.get(path.partition("?")[0])
        return found() if found else _json(HTTPStatus.NOT_FOUND, {"error": "there is no such page"})

    def _readiness(self) -> Answer:
        if self.is_ready():
            return _json(HTTPStatus.OK, {"status": "ready", **self.status.as_dict()})
        return _json(HTTPStatus.SERVICE_UNAVAILABLE, {"error": "no worker is ready"})

    def _metrics(self) -> Answer:
        return HTTPStatus.OK, exposition.CONTENT_TYPE, exposition.render(self.status)

    def _version(self) -> Answer:
        return _json(HTTPStatus.OK, {"name": "model-sync", "version": version("model-server")})


@contextmanager
def served(endpoints: Endpoints, host: str, port: int) -> Iterator[ThreadingHTTPServer]:
    """Answer requests in threads of their own while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, kind, text = endpoints.answer(self.path)
            content = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing: probes would drown everything else."""

    with ThreadingHTTPServer((host, port), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def _json(status: HTTPStatus, values: Mapping[str, str | None]) -> Answer:
    return status, JSON, json.dumps(values) + "\n"
