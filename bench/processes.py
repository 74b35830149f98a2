"""Starts a program of the project, waits until it is ready, and stops it whatever happens."""

import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import psutil

from bench.figures import MeasurementError
from candor_local import logs, processes

START_PATIENCE = 240.0
STOP_PATIENCE = 60.0
TICK = 0.05
"""Seconds between two looks at a program that is starting."""


@contextmanager
def running(
    command: Sequence[str], environment: Mapping[str, str], log: Path, is_ready: Callable[[], bool]
) -> Iterator[psutil.Popen]:
    """Give the running process once it is ready; it has a session of its own, as Ctrl-C is ours.

    Raises:
        MeasurementError: it ended before it was ready, or did not become so.
    """
    with log.open("wb") as output:
        process = psutil.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait(process, is_ready, log)
        yield process
    finally:
        with uninterrupted():
            processes.stop(process, signal.SIGTERM, STOP_PATIENCE)


def _wait(process: psutil.Popen, is_ready: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + START_PATIENCE
    while not is_ready():
        if process.poll() is not None or time.monotonic() > deadline:
            name = Path(process.args[0]).name
            raise MeasurementError(f"{name} did not become ready; its last words:\n{tail(log)}")
        time.sleep(TICK)


def tail(log: Path) -> str:
    """Return the last lines of a log, as short as an error may be."""
    return "\n".join(line[:200] for line in logs.tail(log, lines=10).splitlines())


@contextmanager
def throw_away_folder() -> Iterator[Path]:
    """Give an empty folder that is removed afterwards."""
    folder = tempfile.TemporaryDirectory(prefix="candor-bench-")
    try:
        yield Path(folder.name)
    finally:
        with uninterrupted():
            folder.cleanup()


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let a request to stop wait until the block has ended, so that nothing is left behind."""
    asked: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        asked.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if asked:
        raise KeyboardInterrupt
