"""Batches as tensors: texts are read and encoded when their turn comes, here or in workers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from charcnn.alphabet import BLANK
from charcnn.encoding import Units, pad
from charcnn.inference import Interface
from charcnn.network import NetworkConfig
from trainer.data.corpus import Corpus
from trainer.sampling import Rows
from trainer.teacher import Lesson, Teacher


@dataclass(frozen=True)
class Batch:
    """Codes (batch, units, ...), labels and stars (batch,), and what a teacher says of them.

    Stars are 1 to 5, or 0 where unknown; `all_labels` are those of all processes' parts of the
    batch.
    """

    codes: Tensor
    labels: Tensor
    stars: Tensor
    all_labels: Tensor
    lesson: Lesson | None = None

    def to(self, device: torch.device) -> "Batch":
        """Return the batch on a device."""
        return Batch(
            self.codes.to(device),
            self.labels.to(device),
            self.stars.to(device),
            self.all_labels.to(device),
            Lesson(*(one.to(device) for one in self.lesson)) if self.lesson else None,
        )


@dataclass(frozen=True)
class Shard:
    """The part of every batch that this process computes: every `world`-th row from `rank` on."""

    rank: int = 0
    world: int = 1


class Batches(Dataset[Batch]):
    """An epoch's batches; number `index` is always the same, whoever makes it and when."""

    def __init__(
        self,
        corpus: Corpus,
        batches: Sequence[Rows],
        interface: Interface,
        network: NetworkConfig,
        shard: Shard,
        teacher: Teacher | None = None,
        input_dropout: float = 0.0,
        seed: Sequence[int] = (0,),
    ) -> None:
        self._corpus, self._batches, self._teacher = corpus, batches, teacher
        self._interface, self._network, self._shard = interface, network, shard
        self._input_dropout, self._seed = input_dropout, tuple(seed)

    def __len__(self) -> int:
        return len(self._batches)

    def __getitem__(self, index: int) -> Batch:
        rows = self._batches[index][self._shard.rank :: self._shard.world]
        codes = [self._interface.encode_one(text) for text in self._corpus.texts_at(rows)]
        longest = max((len(row) for row in codes), default=0)
        padded = self._drop(pad(codes, self._network.needed(longest)), index)
        return Batch(
            torch.from_numpy(padded).int(),
            _tensor(self._corpus.labels[rows]),
            _tensor(self._corpus.stars[rows]),
            _tensor(self._corpus.labels[self._batches[index]]),
            self._teacher.lesson(rows, padded.shape[1]) if self._teacher else None,
        )

    def _drop(self, codes: Units, index: int) -> Units:
        """Blank a share of the characters, or of the words."""
        if self._input_dropout:
            random = np.random.default_rng([*self._seed, index, self._shard.rank])
            codes[random.random(codes.shape[:2], dtype=np.float32) < self._input_dropout] = BLANK
        return codes


def _tensor(column: NDArray[np.integer[Any]]) -> Tensor:
    return torch.from_numpy(column.astype(np.int64))


def load(batches: Batches, first: int, workers: int) -> Iterator[Batch]:
    """Yield the batches from number `first` on; `workers` processes prepare them ahead."""
    return iter(
        DataLoader(
            batches,
            batch_size=None,
            sampler=range(first, len(batches)),
            num_workers=workers,
            multiprocessing_context="spawn" if workers else None,
        )
    )
