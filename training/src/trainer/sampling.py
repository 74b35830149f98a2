"""Which reviews an epoch sees, in what batches.

Every class is drawn equally often, whatever the data's mixture. A batch holds
reviews of like length, since the network's work follows the longest one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from charcnn.encoding import Codes, pad
from charcnn.network import NetworkConfig


@dataclass(frozen=True)
class Batch:
    """Codes of shape (batch, characters) and labels of shape (batch,)."""

    codes: Tensor
    labels: Tensor


def draw_balanced(
    labels: NDArray[np.int64],
    weights: NDArray[np.float64],
    size: int,
    random: np.random.Generator,
) -> NDArray[np.int64]:
    """Return `size` rows, each class equally often, rows within a class by their weight."""
    classes = np.unique(labels)
    drawn = [
        _draw(np.flatnonzero(labels == label), weights, size // len(classes), random)
        for label in classes
    ]
    return np.concatenate(drawn)


def batches_of_like_length(
    rows: NDArray[np.int64],
    encoded: Sequence[Codes],
    size: int,
    random: np.random.Generator,
) -> list[NDArray[np.int64]]:
    """Return `rows` in batches of `size`; lengths within one differ little, order is random."""
    jitter = random.uniform(0.8, 1.2, len(rows))
    lengths = np.array([len(encoded[row]) for row in rows]) * jitter
    ordered = rows[np.argsort(lengths)]
    batches = [ordered[start : start + size] for start in range(0, len(ordered), size)]
    return [batches[index] for index in random.permutation(len(batches))]


def assemble(
    batches: Sequence[NDArray[np.int64]],
    encoded: Sequence[Codes],
    labels: NDArray[np.int64],
    config: NetworkConfig,
) -> Iterator[Batch]:
    """Yield `batches` as tensors, padded no further than the network needs."""
    for rows in batches:
        codes = [encoded[row] for row in rows]
        padded = pad(codes, config.needed(max(len(row) for row in codes)))
        yield Batch(torch.from_numpy(padded).int(), torch.from_numpy(labels[rows]))


def _draw(
    rows: NDArray[np.int64],
    weights: NDArray[np.float64],
    size: int,
    random: np.random.Generator,
) -> NDArray[np.int64]:
    chances = weights[rows] / weights[rows].sum()
    return random.choice(rows, size, replace=True, p=chances)
