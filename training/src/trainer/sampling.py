"""Which reviews an epoch sees, in which batches.

Everything follows from the seed and the epoch's number, so that a resumed run and every process
of a parallel one see the same. A batch holds reviews of like length, since the network's work
follows the longest one.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trainer.config import TrainConfig
from trainer.data.corpus import Corpus

Rows = NDArray[np.int64]


def row_weights(
    corpus: Corpus, rows: Rows, shares: Sequence[float], *, balanced: bool
) -> NDArray[np.float64]:
    """Return how often to draw each of `rows`, relative to each other.

    `shares` says how much is drawn of each file, 1 where it ends; `balanced`: within every class,
    so that no file's reviews stand for one class. Rows of one file differ by their own weights.
    """
    own = corpus.weights[rows].astype(np.float64)
    if not shares:
        return own
    of_file = np.ones(len(corpus.file_names))
    of_file[: len(shares)] = shares
    files, labels = corpus.files[rows], corpus.labels[rows]
    cells = files * len(corpus.label_names) + labels * int(balanced)
    weights: NDArray[np.float64] = own * of_file[files] / np.bincount(cells, own)[cells]
    return weights


def draw(
    labels: NDArray[np.integer],
    weights: NDArray[np.float64],
    size: int,
    *,
    balanced: bool,
    random: np.random.Generator,
) -> Rows:
    """Return the positions of `size` rows, drawn by weight; `balanced`: every class as often.

    Where all weigh the same, none is drawn again before all have been.
    """
    classes = np.unique(labels) if balanced else [None]
    shares = np.array_split(np.empty(size), len(classes))
    drawn = [
        _draw(
            np.arange(len(labels)) if label is None else np.flatnonzero(labels == label),
            weights,
            len(share),
            random,
        )
        for label, share in zip(classes, shares, strict=True)
    ]
    return np.concatenate(drawn)


def _draw(rows: Rows, weights: NDArray[np.float64], size: int, random: np.random.Generator) -> Rows:
    chances = weights[rows]
    if np.all(chances == chances[0]):
        rounds = [random.permutation(rows) for _ in range(-(-size // len(rows)))]
        return np.concatenate(rounds)[:size]
    return random.choice(rows, size, replace=True, p=chances / chances.sum())


def batches_of_like_length(
    rows: Rows, lengths: NDArray[np.integer], size: int, random: np.random.Generator
) -> list[Rows]:
    """Return `rows` in batches of `size`; `lengths` within one differ little, order is random."""
    jitter = random.uniform(0.8, 1.2, len(rows))
    ordered = rows[np.argsort(lengths * jitter, kind="stable")]
    batches = [ordered[start : start + size] for start in range(0, len(ordered), size)]
    return [batches[index] for index in random.permutation(len(batches))]


def epoch_size(labels: NDArray[np.integer], *, balanced: bool) -> int:
    """Return how many to draw of rows with these labels, where nobody says it.

    All of them; or where classes are drawn equally often, as many as show the rarest class once.
    """
    counts = np.unique(labels, return_counts=True)[1]
    return int(counts.min()) * len(counts) if balanced else len(labels)


def epoch_batches(corpus: Corpus, rows: Rows, config: TrainConfig, epoch: int) -> list[Rows]:
    """Return the batches of an epoch, in their order, each as some of `rows`."""
    random = np.random.default_rng([config.run.seed, epoch])
    labels = corpus.labels[rows]
    positions = draw(
        labels,
        row_weights(corpus, rows, config.data.weight, balanced=config.loss.balanced_sampler),
        config.run.epoch_size or epoch_size(labels, balanced=config.loss.balanced_sampler),
        balanced=config.loss.balanced_sampler,
        random=random,
    )
    drawn = rows[positions]
    lengths = np.minimum(corpus.sizes[drawn], config.text.length)
    return batches_of_like_length(drawn, lengths, config.run.batch_size, random)
