"""Lets one starter at a time use a home."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from candor_local.errors import CandorError


@contextmanager
def only_starter(file: Path, pid: int) -> Iterator[None]:
    """Hold the lock; the operating system gives it back however this process ends.

    Raises:
        CandorError: another starter holds it.
    """
    with file.open("a+") as stream:
        if not _try_lock(stream):
            message = (
                f"Candor already runs in {file.parent} (process {holder(file)}): "
                "stop it first (`make stop`), or set CANDOR_HOME and other ports"
            )
            raise CandorError(message)
        stream.truncate(0)
        stream.write(f"{pid}\n")
        stream.flush()
        yield


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
