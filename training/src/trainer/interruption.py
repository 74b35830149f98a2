"""Ctrl-C and TERM: noted when they come, acted upon between two batches."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType


class Interrupted(Exception):  # noqa: N818  # Nothing failed: somebody asked.
    """The run was asked to stop and has saved where it is; `signal` says by what."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.signal = number


@dataclass
class Request:
    """The signal that asked to stop, or 0."""

    signal: int = 0


@contextmanager
def noticed() -> Iterator[Request]:
    """Give the request to stop; a second signal of the kind acts as it always does."""
    request = Request()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def note(number: int, _frame: FrameType | None) -> None:
        request.signal = number
        signal.signal(number, before[signal.Signals(number)])

    for number in before:
        signal.signal(number, note)
    try:
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
