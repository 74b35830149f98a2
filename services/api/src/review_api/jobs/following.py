"""Logs that are followed, without keeping the server's threads.

Each follower has a thread of its gunicorn worker. So there are only a few of them, and each ends
after a time, when its client is gone, and when the worker is told to end.
"""

from __future__ import annotations

import select
import threading
import time
from typing import TYPE_CHECKING, Any

from flask import Response, request

from review_api.problems import unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PAUSE = 0.5
"""Seconds between two looks at a log that has nothing new."""


class Followers:
    """The places for those who follow a log; a quarter of a worker's threads.

    Attributes:
        is_ending: says whether the server's process has been told to end.
    """

    def __init__(self, threads: int, seconds: float) -> None:
        self._places = threading.BoundedSemaphore(max(1, threads // 4))
        self._seconds = seconds
        self.is_ending: Callable[[], bool] = lambda: False

    def answer(self, pieces: Iterator[bytes]) -> Response:
        """Answer with what comes, until it ends or has to.

        Raises:
            Problem: 503 when all places are taken.
        """
        if not self._places.acquire(blocking=False):
            raise unavailable("too many logs are being followed")
        connection = request.environ.get("gunicorn.socket")
        response = _text(self._until_over(pieces, connection))
        response.call_on_close(self._places.release)
        return response

    def _until_over(self, pieces: Iterator[bytes], connection: Any) -> Iterator[bytes]:  # noqa: ANN401 (a socket of any kind)
        ends_at = time.monotonic() + self._seconds
        for piece in pieces:
            if self.is_ending() or time.monotonic() >= ends_at:
                return
            if piece:
                yield piece
            elif _has_hung_up(connection):
                return
            else:
                time.sleep(PAUSE)


def so_far(pieces: Iterator[bytes]) -> Response:
    """Answer with a log as it is now."""
    return _text(iter(pieces.__next__, b""))


def _text(pieces: Iterator[bytes]) -> Response:
    headers = {"X-Accel-Buffering": "no", "X-Content-Type-Options": "nosniff"}
    return Response(pieces, mimetype="text/plain", headers=headers)


def _has_hung_up(connection: Any) -> bool:  # noqa: ANN401 (a socket of any kind)
    """Say whether a client, who has nothing more to say, has closed its connection."""
    if connection is None:
        return False
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))
