"""The files of a run that is a process: its log, bounded in length, and its lock.

A log that is full loses its older half; the line that it then begins with says how much is gone,
so that a place in what was written is still found.
"""

from __future__ import annotations

import fcntl
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

GONE = re.compile(rb"\[(\d+) bytes before this are gone\]\n")
LONGEST_GONE = 60
PIECE = 64 * 1024


class BoundedLog:
    """A log that its one writer keeps below a length."""

    def __init__(self, file: Path, limit: int) -> None:
        self._path = file
        self._limit = limit
        self._gone = 0
        self._file = file.open("w+b", buffering=0)

    def write(self, data: bytes) -> None:
        """Write, and let the older half go when there is too much."""
        self._file.write(data)
        if self._file.tell() > self._limit:
            self._shorten()

    def _shorten(self) -> None:
        """Write what stays beside the log and rename it, so that a reader has one or the other."""
        self._file.seek(0)
        whole = self._file.read()
        old = whole[_header(whole)[0] :]
        kept = old[-(self._limit // 2) :]
        kept = kept[kept.find(b"\n") + 1 :]
        self._gone += len(old) - len(kept)
        beside = self._path.with_suffix(".new")
        self._file.close()
        self._file = beside.open("w+b", buffering=0)
        self._file.write(b"[%d bytes before this are gone]\n" % self._gone + kept)
        beside.replace(self._path)


def _header(text: bytes) -> tuple[int, int]:
    """Return the length of the line that says how much is gone, and how much that is."""
    found = GONE.match(text)
    return (found.end(), int(found[1])) if found else (0, 0)


@dataclass(frozen=True)
class RunFiles:
    """The files of one run."""

    folder: Path
    run: int

    @property
    def log(self) -> Path:
        """Return where the log is."""
        return self.folder / f"{self.run}.log"

    @property
    def lock(self) -> Path:
        """Return what is locked for as long as a process of the run lives; it has its number."""
        return self.folder / f"{self.run}.lock"

    def read(self, place: int) -> tuple[bytes, int]:
        """Return a piece of what was written from a place on, and the place after it.

        Where that part is gone, the piece begins with the line that says so.
        """
        with suppress(FileNotFoundError), self.log.open("rb") as file:
            start = file.read(LONGEST_GONE)
            header, gone = _header(start)
            notice = start[:header] if place < gone else b""
            place = max(place, gone)
            file.seek(header + place - gone)
            piece = file.read(PIECE)
            return notice + piece, place + len(piece)
        return b"", place

    def place_of_last(self, lines: int) -> int:
        """Return the place at which the last lines begin."""
        text = self.log.read_bytes() if self.log.exists() else b""
        header, gone = _header(text)
        cut = len(text) - text.endswith(b"\n")
        for _ in range(lines):
            cut = text.rfind(b"\n", header, cut)
            if cut < 0:
                return gone
        return gone + cut + 1 - header

    def last_line(self) -> str:
        """Return the last line with something in it."""
        piece, _ = self.read(self.place_of_last(10))
        lines = [line for line in piece.decode(errors="replace").splitlines() if line.strip()]
        return lines[-1].strip() if lines else ""

    def remove(self) -> None:
        """Remove them all."""
        for file in self.folder.glob(f"{self.run}.*"):
            file.unlink(missing_ok=True)


def locked(file: Path) -> int | None:
    """Lock a file, made when there is none; return its descriptor, or None when it is locked."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def remove_others(folder: Path, kept: Collection[int]) -> None:
    """Remove the files of all runs but some."""
    numbers = {int(file.stem) for file in folder.iterdir() if file.stem.isdecimal()}
    for run in numbers - set(kept):
        RunFiles(folder, run).remove()
