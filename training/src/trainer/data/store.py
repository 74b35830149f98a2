"""Writing a corpus: a folder that appears whole or not at all."""

import hashlib
import json
import shutil
from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from trainer.data.corpus import COLUMNS, ENCODING, FACTS, TEXTS, Texts
from trainer.data.errors import DataError
from trainer.data.reviews import Review

MOST_SOURCES = np.iinfo(np.int16).max
NO_GROUP = 0


@contextmanager
def replace_folder(folder: Path) -> Iterator[Path]:
    """Give a folder to write to; it becomes `folder` only when the block ends well."""
    beside = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    try:
        yield beside
        shutil.rmtree(folder, ignore_errors=True)
        beside.rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


class Writer:
    """Takes reviews; their texts go to disk at once, a few numbers a row stay in memory."""

    def __init__(self, folder: Path) -> None:
        self._file = (folder / TEXTS).open("wb")
        self._sources: dict[str, int] = {}
        self._columns: dict[str, array[Any]] = {
            "sizes": array("q"),
            "labels": array("b"),
            "stars": array("b"),
            "files": array("h"),
            "sources": array("h"),
            "groups": array("Q"),
            "held_out": array("b"),
            "weights": array("f"),
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._file.close()

    @property
    def source_names(self) -> tuple[str, ...]:
        """What the column `sources` counts up, in its order."""
        return tuple(self._sources)

    def add(self, review: Review, file: int, file_name: str) -> None:
        """Append a review of the file of that number and name.

        Raises:
            DataError: there are too many sources for figures of each.
        """
        raw = review.text.encode(*ENCODING)
        self._file.write(raw)
        source = self._sources.setdefault(review.source or file_name, len(self._sources))
        if source > MOST_SOURCES:
            raise DataError(
                f"there are more than {MOST_SOURCES:,} sources: name another --source-column"
            )
        values = (len(raw), review.label, review.stars, file, source)
        row = (*values, _group(review.group), review.held_out, review.weight)
        for column, value in zip(self._columns.values(), row, strict=True):
            column.append(value)

    def columns(self) -> dict[str, NDArray[Any]]:
        """Return all columns but `sides`, with `groups` (0: none) and `held_out` for the split."""
        columns = {
            name: np.frombuffer(column, column.typecode) for name, column in self._columns.items()
        }
        return {"starts": np.cumsum(columns["sizes"]) - columns["sizes"], **columns}


def _group(name: str) -> int:
    """Return a number for a group's name that no other group is likely to have."""
    if not name:
        return NO_GROUP
    digest = hashlib.blake2b(name.encode(*ENCODING), digest_size=8).digest()
    return int.from_bytes(digest, "big") | 1


def save(folder: Path, columns: Mapping[str, NDArray[Any]], facts: Mapping[str, Any]) -> None:
    """Write what `Corpus.open` needs beside the texts."""
    for name in COLUMNS:
        np.save(folder / f"{name}.npy", columns[name])
    (folder / FACTS).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


def digest(texts: Texts, labels: NDArray[np.int8], label_names: Sequence[str]) -> str:
    """Return a sha256 of all labels and texts, in order: it names the data of a model."""
    sha = hashlib.sha256()
    for row, label in enumerate(labels):
        raw = texts.raw(row)
        sha.update(f"{label_names[label]}\t{len(raw)}\t".encode() + raw)
    return sha.hexdigest()
