"""Lets one starter, and one refresh, at a time use a home."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from candor_local.errors import CandorError


@contextmanager
def only_starter(file: Path) -> Iterator[None]:
    """Hold the lock of the process that runs Candor.

    Raises:
        CandorError: another starter holds it.
    """
    busy = f"Candor already runs in {file.parent}"
    with only_one(file, busy, "stop it first (`make stop`), or set CANDOR_HOME and other ports"):
        yield


@contextmanager
def only_one(file: Path, busy: str, advice: str = "wait until it has ended") -> Iterator[None]:
    """Hold a lock; the operating system gives it back however this process ends.

    Raises:
        CandorError: another process holds it.
    """
    with file.open("a+") as stream:
        if not _try_lock(stream):
            raise CandorError(f"{busy} (process {holder(file)}): {advice}")
        stream.truncate(0)
        stream.write(f"{os.getpid()}\n")
        stream.flush()
        yield


def check_runs(file: Path) -> None:
    """Raise CandorError unless a starter holds its lock."""
    if holder(file) is None:
        raise CandorError("Candor does not run: start it with `make run`, then ask again")


def holder(file: Path) -> int | None:
    """Return the process id of the running starter, or None when none runs."""
    if not file.exists():
        return None
    with file.open() as stream:
        if _try_lock(stream):
            return None
        return int(stream.read() or 0) or None


def _try_lock(stream: TextIO) -> bool:
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
