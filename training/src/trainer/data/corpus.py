"""Reviews on disk: texts one after another in one file, and a memory-mapped array a column."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from trainer.data.errors import DataError
from trainer.data.intake import Intake

TRAINING = 0
VALIDATION = 1

TEXTS = "texts.bin"
FACTS = "corpus.json"
WEIGHTS = "weights"
COLUMNS = ("starts", "sizes", "labels", "stars", "files", "sources", "sides", WEIGHTS)
"""The arrays, each in the file `NAME.npy`."""

# JSON's \ud800 comes in as a surrogate without its pair, which strict UTF-8 cannot hold.
ENCODING = ("utf-8", "surrogatepass")


class Texts(Sequence[str]):
    """Texts in a file of UTF-8; one is read and decoded when it is asked for."""

    def __init__(self, path: Path, starts: NDArray[np.int64], sizes: NDArray[np.int64]) -> None:
        with path.open("rb") as file:
            self._bytes = mmap(file.fileno(), 0, access=ACCESS_READ)
        self._starts = starts
        self._sizes = sizes

    def __len__(self) -> int:
        return len(self._starts)

    @overload
    def __getitem__(self, row: int) -> str: ...
    @overload
    def __getitem__(self, row: slice) -> list[str]: ...
    def __getitem__(self, row: int | slice) -> str | list[str]:
        if isinstance(row, slice):
            return [self[one] for one in range(*row.indices(len(self)))]
        return self.raw(row).decode(*ENCODING)

    def raw(self, row: int) -> bytes:
        """Return the UTF-8 of a row's text."""
        start = self._starts[row]
        return self._bytes[start : start + self._sizes[row]]


@dataclass(frozen=True, eq=False)
class Corpus:
    """Parallel columns, a value a row: `sides` has `TRAINING` or `VALIDATION`.

    `labels` index `label_names`, `files` index `file_names` (in the order of the options),
    `sources` index `source_names`; `stars` are 1 to 5, or 0 where unknown; `sizes` are the
    bytes of the texts; `weights` say how often to draw a row. `digest` is the sha256 of texts and
    labels in their order.
    """

    folder: Path
    texts: Texts
    sizes: NDArray[np.int64]
    labels: NDArray[np.int8]
    stars: NDArray[np.int8]
    files: NDArray[np.int16]
    sources: NDArray[np.int16]
    sides: NDArray[np.int8]
    weights: NDArray[np.float32]
    label_names: tuple[str, ...]
    file_names: tuple[str, ...]
    source_names: tuple[str, ...]
    digest: str
    intake: Intake

    @classmethod
    def open(cls, folder: Path) -> "Corpus":
        """Open what `prepare` left in `folder`.

        Raises:
            DataError: there is no corpus in it.
        """
        try:
            columns = {name: _column(folder, name) for name in COLUMNS}
            facts: dict[str, Any] = json.loads((folder / FACTS).read_text(encoding="utf-8"))
            names = {name: tuple(value) for name, value in facts.items() if name.endswith("_names")}
            texts = Texts(folder / TEXTS, columns.pop("starts"), columns["sizes"])
            intake = Intake(**facts.pop("intake"))
            return cls(folder, texts, intake=intake, **{**facts, **names, **columns})
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataError(f"there are no prepared reviews in {folder}: {error}") from error

    def __len__(self) -> int:
        return len(self.texts)

    def __reduce__(self) -> tuple[Any, ...]:
        # A process that is sent a corpus opens it, instead of getting a copy of all columns. Not
        # by the class's method itself: Twisted, once imported, pickles those of classes wrongly.
        return _open, (self.folder,)

    def rows(self, side: int) -> NDArray[np.int64]:
        """Return the rows of a side, rising."""
        return np.flatnonzero(self.sides == side)

    def rows_of(self, sides: Sequence[int], source: str | None = None) -> NDArray[np.int64]:
        """Return the rows on these sides, of one source if it is named.

        Raises:
            DataError: there is no such source.
        """
        chosen = np.isin(self.sides, sides)
        if source is not None:
            if source not in self.source_names:
                known = ", ".join(self.source_names)
                raise DataError(f"there is no source {source!r}; there are {known}")
            chosen &= self.sources == self.source_names.index(source)
        return np.flatnonzero(chosen)

    def balanced(self, rows: NDArray[np.int64], seed: int = 0) -> NDArray[np.int64]:
        """Return as many of `rows` of every class as of the rarest one, within each source."""
        random, kept = np.random.default_rng(seed), []
        shuffled = random.permutation(rows)
        for source in np.unique(self.sources[rows]):
            here = shuffled[self.sources[shuffled] == source]
            of_class = [here[self.labels[here] == one] for one in range(len(self.label_names))]
            fewest = min(map(len, of_class))
            kept += [one[:fewest] for one in of_class]
        return np.sort(np.concatenate(kept))

    def texts_at(self, rows: Iterable[int]) -> list[str]:
        """Return the texts of `rows`, in that order."""
        return [self.texts[int(row)] for row in rows]


def _column(folder: Path, name: str) -> NDArray[Any]:
    path = folder / f"{name}.npy"
    if name == WEIGHTS and not path.exists():
        # The run began before rows had weights: all weigh the same.
        return np.ones(len(np.load(folder / "sizes.npy", mmap_mode="r")), np.float32)
    column: NDArray[Any] = np.load(path, mmap_mode="r")
    return column


def _open(folder: Path) -> Corpus:
    return Corpus.open(folder)
