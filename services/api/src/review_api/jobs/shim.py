"""Stands between the worker and a job's process: ``python -m review_api.jobs.shim``.

It writes what the process says into a log that cannot grow without end, and ends the process when
the worker closes its end of the pipe: because the run is to be stopped, because the worker ends,
or because it was killed. The first line that the pipe brings is the `Order`, as JSON.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from review_api.jobs.run_files import PIECE, BoundedLog

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CANNOT_START = 127
TICK = 0.1
LAST_WORDS = 1.0
"""Seconds for what was said before the end; somebody else may still write into the pipe."""

WORKER = 0
"""The descriptor of the pipe from the worker."""


@dataclass(frozen=True)
class Order:
    """What to run.

    Attributes:
        command: the program and its arguments.
        environment: all of its environment.
        folder: where it runs.
        log: the log's file.
        limit: how many bytes the log may have.
        grace: how many seconds the process may take to end.
        lock: the descriptor of the run's lock, which the process inherits.
    """

    command: Sequence[str]
    environment: Mapping[str, str]
    folder: str | None
    log: str
    limit: int
    grace: float
    lock: int

    def as_line(self) -> bytes:
        """Return the order as the line to send."""
        return json.dumps(asdict(self)).encode() + b"\n"


class Shim:
    """A process and its log."""

    def __init__(
        self, process: subprocess.Popen[bytes], said: int, log: BoundedLog, grace: float
    ) -> None:
        """Watch over a process.

        Args:
            process: the leader of a group of its own.
            said: where to read what it says.
            log: where to write it.
            grace: seconds that it may take to end.
        """
        self._process = process
        self._said = said
        self._log = log
        self._grace = grace
        self._kill_at: float | None = None

    def run(self) -> int:
        """Copy what the process says until it ends; return its exit code."""
        while self._process.poll() is None:
            self._look(TICK)
            if self._kill_at and time.monotonic() >= self._kill_at:
                self._signal(signal.SIGKILL)
        self._signal(signal.SIGKILL)  # What it may have left behind.
        last_look = time.monotonic() + LAST_WORDS
        while self._look(0) and time.monotonic() < last_look:
            continue
        code = self._process.returncode
        return code if code >= 0 else 128 - code

    def _look(self, patience: float) -> bool:
        """Copy a piece of what was said, if any; begin to end when the worker says so."""
        sources = [self._said] if self._kill_at else [self._said, WORKER]
        ready, _, _ = select.select(sources, [], [], patience)
        if WORKER in ready and not os.read(WORKER, PIECE):
            self.end()
        piece = os.read(self._said, PIECE) if self._said in ready else b""
        if piece:
            self._log.write(piece)
        elif self._said in ready:
            time.sleep(patience)  # It has closed its output but goes on.
        return bool(piece)

    def end(self) -> None:
        """Ask the process to end; it is killed when it takes too long."""
        self._kill_at = self._kill_at or time.monotonic() + self._grace
        self._signal(signal.SIGTERM)

    def _signal(self, number: signal.Signals) -> None:
        # macOS answers PermissionError for a group in which only the dead are left.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)


def carry_out(order: Order) -> int:
    """Run what an order says; return the exit code."""
    log = BoundedLog(Path(order.log), order.limit)
    said, output = os.pipe()
    try:
        process = _started(order, output)
    except OSError as error:
        log.write(f"{order.command[0]} cannot be started: {error.strerror}\n".encode())
        return CANNOT_START
    finally:
        os.close(output)
    # Whoever finds the lock held after us can kill the group.
    os.pwrite(order.lock, str(process.pid).encode(), 0)
    shim = Shim(process, said, log, order.grace)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: shim.end())
    return shim.run()


def _started(order: Order, output: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        order.command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        cwd=order.folder,
        env=dict(order.environment),
        start_new_session=True,
        pass_fds=(order.lock,),
    )


if __name__ == "__main__":
    sys.exit(carry_out(Order(**json.loads(sys.stdin.buffer.readline()))))
