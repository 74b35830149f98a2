"""Clients that send HTTP requests and note how long each answer takes.

They use the standard library's connections, which take the least time of the processor that
the measured servers need too.
"""

import json
import threading
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException

from bench.figures import MeasurementError, milliseconds
from candor_local.ports import HOST

PATIENCE = 120.0
"""Seconds to wait for an answer."""


@dataclass(frozen=True)
class Request:
    """A request to send, as often as one likes."""

    method: str
    path: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """An answer and the seconds until its last byte."""

    seconds: float
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Load:
    """What clients saw: the seconds of each request, and of all together."""

    seconds: list[float]
    elapsed: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.seconds) / self.elapsed

    def milliseconds(self, percentile: float) -> float:
        """Return a percentile of the requests' durations, in milliseconds."""
        return milliseconds(self.seconds, percentile)


def together(loads: Iterable[Load]) -> Load:
    """Return several loads, sent one after the other, as one."""
    every = list(loads)
    seconds = [second for load in every for second in load.seconds]
    return Load(seconds, sum(load.elapsed for load in every))


class Client:
    """One connection that is kept open."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection(HOST, port, timeout=PATIENCE)

    def send(self, request: Request) -> Answer:
        """Return the answer.

        Raises:
            MeasurementError: it is not a success.
        """
        started = time.perf_counter()
        try:
            self._connection.request(
                request.method, request.path, request.body, dict(request.headers)
            )
            response = self._connection.getresponse()
            body = response.read()
        except (OSError, HTTPException) as error:
            raise MeasurementError(f"{request.method} {request.path}: {error!r}") from error
        seconds = time.perf_counter() - started
        if response.status >= 300:  # noqa: PLR2004  # Where HTTP's successes end.
            said = body[:200].decode(errors="replace")
            message = f"{request.method} {request.path} answered {response.status}: {said}"
            raise MeasurementError(message)
        return Answer(seconds, dict(response.headers), body)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def post(path: str, body: object) -> Request:
    """Return a POST of JSON."""
    return Request("POST", path, json.dumps(body).encode(), {"Content-Type": "application/json"})


def send_all(port: int, request: Request, clients: int, count: int) -> Load:
    """Send a request `count` times, by clients that each wait for one answer before the next."""
    stop = threading.Event()
    shares = [len(range(client, count, clients)) for client in range(clients)]
    started = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        try:
            sent = [pool.submit(_send_share, port, request, share, stop) for share in shares]
            seconds = [second for share in sent for second in share.result()]
        finally:
            stop.set()
    return Load(seconds, time.perf_counter() - started)


def _send_share(port: int, request: Request, count: int, stop: threading.Event) -> list[float]:
    seconds: list[float] = []
    with closing(Client(port)) as client:
        while len(seconds) < count and not stop.is_set():
            seconds.append(client.send(request).seconds)
    return seconds
