"""Training the reference network beside a plain loop written the way of 2019, at 1014 characters.

The plain loop's loader makes a one-hot float matrix of every review, character by character, and
the network of the paper computes all 1014 columns in fp32.
"""

import csv
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from bench.figures import Figure, Say, compared
from bench.sizes import Sizes
from charcnn.encoding import Reading
from charcnn.reference import ReferenceConfig
from trainer import config, device, run
from trainer.batches import Shard
from trainer.data.corpus import TRAINING, Corpus
from trainer.data.prepare import prepare
from trainer.loop import Training

BATCH = 128
REVIEWS = 6000
LOG_LENGTH = (5.34, 1.07)
"""Mean and deviation of the logarithm of a review's characters, as in 134,000 real ones."""

BASE = "the loop of 2019"
LEARNING_RATE = 1e-4
READING = Reading()


def measure(sizes: Sizes, say: Say) -> list[Figure]:
    """Return reviews a second of both, in turns, and of ours in fp32."""
    with tempfile.TemporaryDirectory() as folder:
        say("making reviews")
        corpus = make_corpus(Path(folder))
        contestants = {
            BASE: steps_of_2019(corpus),
            "ours, fp32": our_steps(corpus, Path(folder), "fp32"),
            "ours, auto": our_steps(corpus, Path(folder), "auto"),
        }
        speeds = take_turns(contestants, sizes, say)
    return [
        compared(name, speed, "reviews/s", speeds[BASE], BASE) for name, speed in speeds.items()
    ]


def make_corpus(folder: Path) -> Corpus:
    """Return reviews of words made up, as long as real ones are."""
    random = np.random.default_rng(0)
    letters = np.array(list("etaoinshrdlucmfw     .,!"))
    lengths = np.exp(random.normal(*LOG_LENGTH, REVIEWS)).astype(int) + 3
    with (folder / "reviews.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["text", "rating"])
        for number, length in enumerate(lengths):
            rows.writerow(["a" + "".join(random.choice(letters, length)), 1 + number % 5])
    options = config.make(
        {
            "data": {"data": [str(folder / "reviews.csv")]},
            "split": {"near_duplicates": False, "validation": 0.0},
        }
    )
    return prepare(options.data, options.split, folder / "corpus", lambda _rows: None)


def take_turns(contestants: dict[str, Iterator[int]], sizes: Sizes, say: Say) -> dict[str, float]:
    """Return the reviews a second of each; in each round, every one has its turn."""
    reviews = dict.fromkeys(contestants, 0)
    seconds = dict.fromkeys(contestants, 0.0)
    for number in range(sizes.rounds):
        for name, steps in contestants.items():
            say(f"round {number + 1} of {sizes.rounds}: {name}")
            next(steps)  # The first step of a turn warms up.
            started = time.perf_counter()
            reviews[name] += sum(next(steps) for _ in range(sizes.steps))
            seconds[name] += time.perf_counter() - started
    return {name: reviews[name] / seconds[name] for name in contestants}


def our_steps(corpus: Corpus, folder: Path, precision: str) -> Iterator[int]:
    """Yield the number of reviews of each step that this project's own loop takes."""
    chosen = config.make(
        {
            "network": {"network": "reference"},
            "run": {"batch_size": BATCH, "precision": precision, "epochs": 1},
            "optimiser": {"learning_rate": LEARNING_RATE},
        }
    )
    compute = device.choose(chosen.run)
    training = Training(corpus, chosen, run.make_network(chosen), folder, compute, Shard())
    while True:
        for batch in training.batches(0):
            training.take_step(batch, 0, LEARNING_RATE)
            yield len(batch.labels)


class OneHot(Dataset[tuple[Tensor, int]]):
    """A review as the loader of 2019 made it: a float matrix (characters of the alphabet, 1014)."""

    def __init__(self, texts: Sequence[str], labels: Sequence[int]) -> None:
        self._texts, self._labels = texts, labels
        self._identity = np.identity(len(READING.alphabet), dtype=np.float32)

    def __len__(self) -> int:
        return len(self._texts)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        text = self._texts[index].lower().strip()[::-1]
        columns = [
            self._identity[READING.alphabet.index(character)]
            for character in text
            if character in READING.alphabet
        ][: READING.length]
        matrix = np.zeros((READING.length, len(READING.alphabet)), dtype=np.float32)
        matrix[: len(columns)] = np.array(columns)
        return torch.from_numpy(matrix.T.copy()), self._labels[index]


def steps_of_2019(corpus: Corpus) -> Iterator[int]:
    """Yield the number of reviews of each step of the plain loop."""
    rows = corpus.rows(TRAINING)
    data = OneHot(corpus.texts_at(rows), [int(label) for label in corpus.labels[rows]])
    network = paper_network()
    optimiser = torch.optim.Adam(network.parameters(), LEARNING_RATE)
    loss_of = nn.CrossEntropyLoss()
    while True:
        for texts, labels in DataLoader(data, BATCH, shuffle=True, drop_last=True):
            optimiser.zero_grad()
            loss_of(network(texts), labels).backward()
            optimiser.step()
            yield len(labels)


def paper_network() -> nn.Module:
    """Return the small network of Zhang et al. 2015 as torch's layers, without anything else."""
    sizes = ReferenceConfig()
    layers: list[nn.Module] = []
    width = len(READING.alphabet)
    for kernel, pool in zip(sizes.kernels, sizes.pools, strict=True):
        layers += [nn.Conv1d(width, sizes.channels, kernel), nn.ReLU()]
        layers += [nn.MaxPool1d(pool)] if pool > 1 else []
        width = sizes.channels
    for inputs in (sizes.columns * width, sizes.dense):
        layers += [nn.Linear(inputs, sizes.dense), nn.ReLU(), nn.Dropout(sizes.dropout)]
    layers.insert(-6, nn.Flatten())
    return nn.Sequential(*layers, nn.Linear(sizes.dense, sizes.classes))
