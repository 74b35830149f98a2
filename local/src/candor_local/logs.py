"""Keeps the parts' logs bounded and reads their ends."""

import os
import shutil
from collections import deque
from pathlib import Path

LARGEST = 20 * 1024 * 1024
"""Bytes. A log that has grown beyond this is moved aside; one older log is kept."""


def rotate(log: Path) -> None:
    """Put the log of the last run aside as `<name>.1`."""
    if log.exists():
        log.replace(_older(log))


def shorten(log: Path, largest: int = LARGEST) -> None:
    """Move a log's text aside when it has grown too large, while its writer keeps it open.

    Writers append, so after the cut they go on at the beginning.
    """
    if log.exists() and log.stat().st_size > largest:
        shutil.copyfile(log, _older(log))
        os.truncate(log, 0)


def tail(log: Path, lines: int = 20) -> str:
    """Return the last lines of a log, or an empty text where there is none."""
    if not log.exists():
        return ""
    with log.open(errors="replace") as stream:
        return "".join(deque(stream, maxlen=lines)).rstrip()


def _older(log: Path) -> Path:
    return log.with_name(log.name + ".1")
