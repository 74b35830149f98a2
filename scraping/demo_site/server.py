"""Serves the site over HTTP, on the loopback only."""

from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Final, Protocol

from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.web.server import NOT_DONE_YET

from demo_site.answer import Answer, error, ndjson, try_again
from demo_site.answers import Answers
from demo_site.rate_limit import RateLimit
from demo_site.request_log import RequestLog

UNLOGGED: Final = ("/truth", "/log")
"""Paths that are about the site, not of it: never logged, limited or delayed."""


LONGEST_PAGE_NUMBER: Final = 10


class Request(Protocol):
    """What is needed of Twisted's request, whose own methods have no types."""

    method: bytes
    uri: bytes
    path: bytes
    args: dict[bytes, list[bytes]]

    def getHeader(self, name: str) -> str | None: ...  # noqa: D102, N802  # Twisted's.
    def getClientAddress(self) -> IPv4Address: ...  # noqa: D102, N802  # Twisted's.
    def setResponseCode(self, code: int) -> None: ...  # noqa: D102, N802  # Twisted's.
    def setHeader(self, name: str, value: str) -> None: ...  # noqa: D102, N802  # Twisted's.
    def write(self, data: bytes) -> None: ...  # noqa: D102  # Twisted's.
    def finish(self) -> None: ...  # noqa: D102  # Twisted's.
    def notifyFinish(self) -> Deferred[None]: ...  # noqa: D102, N802  # Twisted's.
    def registerProducer(self, producer: "Flow", streaming: bool) -> None: ...  # noqa: D102, FBT001, N802  # Twisted's.
    def unregisterProducer(self) -> None: ...  # noqa: D102, N802  # Twisted's.


class Timer(Protocol):
    """What is needed of Twisted's reactor."""

    def seconds(self) -> float:
        """Return the time."""

    def callLater(self, delay: float, call: Callable[[], None]) -> object:  # noqa: N802  # Twisted's
        """Call something after so many seconds."""


class SiteResource:
    """Every page of the site: a resource to Twisted by its shape."""

    isLeaf = True  # noqa: N815  # Twisted's name.

    def __init__(
        self, answers: Answers, log: RequestLog, limit: RateLimit, timer: Timer, delay: float
    ) -> None:
        self._answers = answers
        self._log = log
        self._limit = limit
        self._timer = timer
        self._delay = delay

    def render(self, request: Request) -> int:
        """Answer a request, now or after the delay that its answer has."""
        path = request.path.decode("ascii", "replace")
        if path == "/log":
            _send(request, ndjson(self._log.blocks()))
        elif path.startswith(UNLOGGED):
            _send(request, self._answers.answer(path, 1))
        else:
            self._send_later(request, self._logged_answer(request, path))
        return NOT_DONE_YET

    def _logged_answer(self, request: Request, path: str) -> Answer:
        answer = self._answer(request, path)
        self._log.add(
            host=_header(request, "host"),
            method=request.method.decode("ascii", "replace"),
            path=request.uri.decode("ascii", "replace"),
            status=answer.status,
            user_agent=_header(request, "user-agent"),
        )
        return answer

    def _answer(self, request: Request, path: str) -> Answer:
        if not self._limit.allows(request.getClientAddress().host, self._timer.seconds()):
            return try_again(HTTPStatus.TOO_MANY_REQUESTS)
        if request.method not in {b"GET", b"HEAD"}:
            return error(HTTPStatus.METHOD_NOT_ALLOWED, ("Allow", "GET, HEAD"))
        return self._answers.answer(path, _page(request))

    def _send_later(self, request: Request, answer: Answer) -> None:
        delay = answer.delay + self._delay
        if not delay:
            _send(request, answer)
            return
        gone = request.notifyFinish()
        gone.addErrback(lambda _: None)
        self._timer.callLater(delay, lambda: None if gone.called else _send(request, answer))


class Flow:
    """A pull producer to Twisted: writes a chunk when the one before has left for the client."""

    def __init__(self, request: Request, chunks: Iterator[bytes]) -> None:
        self._request = request
        self._chunks = chunks

    def resumeProducing(self) -> None:  # noqa: N802  # Twisted's name.
        """Write the next chunk, or end the answer."""
        chunk = next(self._chunks, None)
        if chunk is None:
            self._request.unregisterProducer()
            self._request.finish()
        else:
            self._request.write(chunk)

    def stopProducing(self) -> None:  # noqa: N802  # Twisted's name.
        """Forget the rest: the client has gone."""
        self._chunks = iter(())


def _send(request: Request, answer: Answer) -> None:
    request.setResponseCode(answer.status)
    request.setHeader("content-type", answer.content_type)
    for name, value in answer.headers:
        request.setHeader(name, value)
    if answer.chunks is None:
        request.setHeader("content-length", str(len(answer.body)))
        request.write(answer.body)
        request.finish()
    elif request.method == b"HEAD":
        request.finish()
    else:
        request.registerProducer(Flow(request, answer.chunks), streaming=False)


def _header(request: Request, name: str) -> str:
    return request.getHeader(name) or ""


def _page(request: Request) -> int:
    """Return the number of the page that is asked for; 0 where it is no number."""
    given = request.args.get(b"page", [b"1"])[0]
    return int(given) if given.isdigit() and len(given) < LONGEST_PAGE_NUMBER else 0
