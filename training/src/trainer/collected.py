"""What was collected, as files to train on, and a part of it that is never trained on.

The gate compares models on what people wrote lately. That says something only where neither model
was trained on it, so a share of people's reviews is kept for the gate, chosen by a hash of their
texts: the same ones in every retraining, whichever reviews have come since.
"""

import hashlib
import json
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainer.data import api_export
from trainer.data.errors import DataError
from trainer.files import replace_file, replace_text
from trainer.gate.labelled import MOST

PEOPLE, SCRAPED, RECENT = "people", "scraped", "recent"
"""The files, and what the export calls the source of what people wrote."""

WEIGHT = "training_weight"
"""The column that says how often to draw a row: another file's `weight` may be one of goods."""

PARTS = 10_000

Row = dict[str, Any]


@dataclass(frozen=True)
class Sharing:
    """How people's reviews are shared out: the weight of each, and the share the gate gets."""

    weight: float
    share: float

    def is_for_the_gate(self, row: Row) -> bool:
        """Return whether a row is one that no model may be trained on."""
        words = " ".join(str(row.get("text")).lower().split()).encode("utf-8", "surrogatepass")
        part = int.from_bytes(hashlib.sha256(words).digest()[:8], "big") % PARTS
        return row.get("source") == PEOPLE and part < self.share * PARTS

    def weighted(self, row: Row) -> Row:
        """Return the row with how often to draw it; the export may weigh it, too."""
        own = self.weight if row.get("source") == PEOPLE else 1.0
        return {**row, WEIGHT: own * float(row.get(api_export.WEIGHT, 1.0))}


@dataclass(frozen=True)
class Collected:
    """The files in `folder`, how many rows each has, and how many the API left out, and why."""

    folder: Path
    rows: dict[str, int]
    left_out: str = ""

    def file(self, name: str) -> Path | None:
        """Return the file of that name, if it has rows."""
        return _path(self.folder, name) if self.rows[name] else None

    @property
    def training(self) -> list[Path]:
        """The files to train on."""
        return [path for name in (PEOPLE, SCRAPED) if (path := self.file(name))]


def collect(address: str, folder: Path, sharing: Sharing) -> Collected:
    """Write the export at `address` to files in `folder`, all of it or nothing.

    Raises:
        DataError: the API does not answer, refuses, or its answer breaks off.
    """
    rows, recent = {PEOPLE: 0, SCRAPED: 0}, deque[str](maxlen=MOST)
    with (
        opened(address) as export,
        replace_file(_path(folder, PEOPLE)) as people,
        replace_file(_path(folder, SCRAPED)) as scraped,
        people.open("w", encoding="utf-8") as of_people,
        scraped.open("w", encoding="utf-8") as of_sites,
    ):
        for row in _objects(export.lines):
            if sharing.is_for_the_gate(row):
                recent.append(json.dumps(row) + "\n")
                continue
            name = PEOPLE if row.get("source") == PEOPLE else SCRAPED
            file = of_people if name == PEOPLE else of_sites
            file.write(json.dumps(sharing.weighted(row)) + "\n")
            rows[name] += 1
    replace_text(_path(folder, RECENT), "".join(recent))
    return Collected(folder, {**rows, RECENT: len(recent)}, export.left_out)


@contextmanager
def opened(address: str) -> Iterator[api_export.Export]:
    """Open an export, whose address is in every error about it.

    Raises:
        DataError: the API does not answer, refuses, or its answer breaks off.
    """
    try:
        with api_export.opened(address) as export:
            yield export
    except DataError as error:
        raise DataError(f"cannot use {address}: {error}") from error


def _objects(lines: Iterable[bytes]) -> Iterator[Row]:
    try:
        for line in lines:
            yield _object(line)
    except OSError as error:
        raise DataError(f"it breaks off ({error})") from error


def _object(line: bytes) -> Row:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise DataError("a line is no JSON") from error
    if not isinstance(row, dict):
        raise DataError("a line is no JSON object")
    return row


def _path(folder: Path, name: str) -> Path:
    return folder / f"{name}.ndjson"
