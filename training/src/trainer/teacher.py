"""What a larger model thinks of the reviews, for a small one to learn from: distillation.

G. Hinton, O. Vinyals and J. Dean, "Distilling the Knowledge in a Neural Network" (2015),
https://arxiv.org/abs/1503.02531. `teach.py` writes a folder of arrays: for every review that it
read the key of its text and the logits, and for every word of it, as `charcnn.hashed_words` cuts
them, the teacher's state.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainer.data.corpus import Corpus
from trainer.errors import ConfigError

STATE_SCALE = 32
"""States are standardised and kept in steps of 1 / 32."""

Rows = NDArray[np.integer[Any]]


class Lesson(NamedTuple):
    """The teacher's view of a batch: logits (batch, classes), states (known words, width).

    `known` of shape (batch, words) tells which words the states are of.
    """

    logits: Tensor
    states: Tensor
    known: Tensor


@dataclass(frozen=True)
class Teacher:
    """The teacher's arrays, and where in them each row of a corpus is (-1: nowhere)."""

    folder: Path
    places: NDArray[np.int64]

    @property
    def read(self) -> NDArray[np.bool_]:
        """Which rows of the corpus the teacher has read."""
        return self.places >= 0

    @classmethod
    def open(cls, folder: Path, corpus: Corpus) -> "Teacher":
        """Return the teacher in `folder` for the reviews of `corpus`.

        Raises:
            ConfigError: there is none, or it has read none of the reviews.
        """
        try:
            known = np.load(folder / "keys.npy")
        except OSError as error:
            raise ConfigError(f"--teacher {folder}: no teacher is there ({error})") from error
        asked = np.array([key_of(corpus.texts.raw(row)) for row in range(len(corpus))])
        places = np.searchsorted(known, asked).clip(max=len(known) - 1)
        places[known[places] != asked] = -1
        if (places < 0).all():
            raise ConfigError(f"--teacher {folder} has read none of these reviews")
        return cls(folder, places)

    @property
    def width(self) -> int:
        """The width of a word's state."""
        return int(self._array("states").shape[1])

    def lesson(self, rows: Rows, words: int) -> Lesson:
        """Return what the teacher says of `rows`, padded to `words` words."""
        places = self.places[rows]
        starts, lengths = self._array("starts")[places], self._array("lengths")[places]
        seen, states = self._array("known"), self._array("states")
        known = np.zeros((len(rows), words), dtype=bool)
        parts = [np.empty((0, states.shape[1]), dtype=np.int8)]
        for mask, start, length in zip(known, starts, lengths, strict=True):
            mask[:length] = seen[start : start + length]
            parts.append(states[start : start + length][mask[:length]])
        wide = torch.from_numpy(np.concatenate(parts)).float() / STATE_SCALE
        logits = torch.from_numpy(self._array("logits")[places])
        return Lesson(logits, wide, torch.from_numpy(known))

    def _array(self, name: str) -> NDArray[Any]:
        array: NDArray[Any] = np.load(self.folder / f"{name}.npy", mmap_mode="r")
        return array


class Writer:
    """Writes a teacher's arrays for reviews with these texts and numbers of words."""

    def __init__(
        self,
        folder: Path,
        texts: Sequence[bytes],
        lengths: NDArray[np.int64],
        classes: int,
        sample: NDArray[np.float32],
    ) -> None:
        """Open the arrays; states are standardised as those in `sample`, (words, width), need."""
        keys, self._order = np.unique([key_of(text) for text in texts], return_index=True)
        self._lengths = lengths[self._order]
        self._starts = np.cumsum(self._lengths) - self._lengths
        self._mean, self._deviation = sample.mean(0), sample.std(0) + 1e-6
        words = int(self._lengths.sum())
        for name, array in (("keys", keys), ("starts", self._starts), ("lengths", self._lengths)):
            np.save(folder / f"{name}.npy", array)
        self._logits = _new(folder / "logits.npy", np.float32, (len(keys), classes))
        self._states = _new(folder / "states.npy", np.int8, (words, sample.shape[1]))
        self._known = _new(folder / "known.npy", np.bool_, (words,))

    @property
    def order(self) -> NDArray[np.int64]:
        """The reviews to write, each text once."""
        return self._order

    def add(self, place: int, logits: NDArray[np.float32], states: NDArray[np.float32]) -> None:
        """Write the view of review `order[place]`; unknown states are NaN."""
        start, words = self._starts[place], min(len(states), int(self._lengths[place]))
        known = ~np.isnan(states[:words]).any(axis=1)
        scaled = (states[:words][known] - self._mean) / self._deviation * STATE_SCALE
        self._logits[place] = logits
        self._known[start : start + words] = known
        rows = start + np.flatnonzero(known)
        self._states[rows] = np.rint(scaled).clip(-127, 127).astype(np.int8)


def _new(path: Path, kind: type[np.generic], shape: tuple[int, ...]) -> NDArray[Any]:
    array: NDArray[Any] = np.lib.format.open_memmap(path, "w+", kind, shape)
    return array


def key_of(text: bytes) -> np.uint64:
    """Return the number that stands for a text, given as UTF-8."""
    return np.uint64(int.from_bytes(hashlib.sha256(text).digest()[:8], "big"))
