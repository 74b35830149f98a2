"""The record of every request, in a file: memory stays flat however long a crawl is."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final

BLOCK: Final = 1 << 16


class RequestLog:
    """Requests so far, a line of JSON each, in a file of that name or in a nameless one."""

    def __init__(self, path: Path | None) -> None:
        # The nameless one goes with the process.
        self._file: IO[bytes] = (
            path.open("w+b") if path else TemporaryFile()  # noqa: SIM115  # Open while serving.
        )
        self._start = time.monotonic()

    def add(self, host: str, method: str, path: str, status: int, user_agent: str) -> None:
        """Add a request; the path has its query."""
        row = {
            "time": round(time.monotonic() - self._start, 6),
            "host": host,
            "method": method,
            "path": path,
            "status": status,
            "user_agent": user_agent,
        }
        self._file.write(json.dumps(row).encode() + b"\n")

    def blocks(self) -> Iterator[bytes]:
        """Yield the lines up to now, block by block."""
        self._file.flush()
        end = self._file.tell()
        for start in range(0, end, BLOCK):
            self._file.seek(start)
            block = self._file.read(min(BLOCK, end - start))
            # Requests may be added before the next block is asked for.
            self._file.seek(0, 2)
            yield block
