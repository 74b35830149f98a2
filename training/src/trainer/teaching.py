"""From a pretrained encoder to a teacher's folder: fine-tune, measure, read, write."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from charcnn.inference import Interface, softmax
from trainer import pretrained, progress
from trainer.data.corpus import TRAINING, VALIDATION, Corpus
from trainer.data.store import replace_folder
from trainer.device import Compute
from trainer.metrics import Metrics, measure
from trainer.pretrained import Encoder, TeachingConfig, Tokens
from trainer.sampling import Rows, row_weights
from trainer.teacher import Writer

READ_TOGETHER = 32
WEIGHTS = "encoder.pt"
SAMPLE = 1000
"""Reviews that the scale of the states is taken from."""

View = tuple[NDArray[np.float32], NDArray[np.float32]]
"""What the encoder thinks of a review: logits (classes,) and states (words, width)."""


@dataclass(frozen=True)
class Teaching:
    """An encoder in `folder` that learns from `corpus`, read as `interface` says."""

    folder: Path
    corpus: Corpus
    interface: Interface
    config: TeachingConfig
    compute: Compute
    start_from: Path | None = None
    """A teacher's folder whose encoder goes on learning."""

    def fine_tune(self) -> Encoder:
        """Return the encoder, fine-tuned on the training reviews.

        Raises:
            ConfigError: there is no encoder to start from, or it is another one.
        """
        rows = self.corpus.rows(TRAINING)
        encoder = Encoder(self.folder, len(self.corpus.label_names))
        if self.start_from:
            encoder.load(self.start_from / WEIGHTS)
        encoder.to(self.compute.device)
        reviews = pretrained.reviews_of(self.config, self.corpus.labels[rows])
        tokens = self._tokens(rows)
        with progress.bar("fine-tuning", reviews) as done:
            pretrained.fine_tune(
                encoder, tokens, self.corpus, rows, self.config, self.compute, done
            )
        return encoder

    def validate(self, encoder: Encoder) -> Metrics | None:
        """Return the metrics on the validation reviews, or None where there are none."""
        rows = self.corpus.rows(VALIDATION)
        if not len(rows):
            return None
        logits = np.zeros((len(rows), len(self.corpus.label_names)))
        for place, view in self._views(encoder, self._tokens(rows)):
            logits[place] = view[0]
        return measure(self.corpus.labels[rows], softmax(logits), self.corpus.label_names)

    def write(self, encoder: Encoder, reviews_a_class: int, out: Path) -> int:
        """Write what it thinks of so many training reviews of each class; return how many."""
        rows = self._choose(reviews_a_class)
        texts = [self.corpus.texts.raw(row) for row in rows]
        lengths = np.array(
            [len(self.interface.encode_one(text)) for text in self.corpus.texts_at(rows)]
        )
        tokens, step = self._tokens(rows), max(1, len(rows) // SAMPLE)
        first = [states for _, (_, states) in self._views(encoder, tokens[::step])]
        sample = np.concatenate([states[~np.isnan(states).any(axis=1)] for states in first])
        with replace_folder(out) as folder, progress.bar("reading", len(rows)) as done:
            torch.save(encoder.state_dict(), folder / WEIGHTS)
            writer = Writer(folder, texts, lengths, len(self.corpus.label_names), sample)
            ordered = [tokens[one] for one in writer.order]
            for place, (logits, states) in self._views(encoder, ordered):
                writer.add(place, logits, states)
                done(1)
        return len(writer.order)

    def _choose(self, most: int) -> Rows:
        """Return rows at random, no more than `most` a class, as likely as they are drawn."""
        rows = self.corpus.rows(TRAINING)
        random = np.random.default_rng(self.config.seed)
        labels = self.corpus.labels[rows]
        weights = row_weights(self.corpus, rows, self.config.shares, balanced=True)
        parts = []
        for label in range(len(self.corpus.label_names)):
            own, chances = rows[labels == label], weights[labels == label]
            size = min(most, len(own))
            parts.append(random.choice(own, size, replace=False, p=chances / chances.sum()))
        return np.concatenate(parts)

    def _tokens(self, rows: Rows) -> list[Tokens]:
        return pretrained.tokenise(self.folder, self.corpus.texts_at(rows), self.interface.reading)

    def _views(self, encoder: Encoder, tokens: Sequence[Tokens]) -> Iterator[tuple[int, View]]:
        """Yield (place, view) of each review, those of like length one after the other."""
        order = np.argsort([len(one.numbers) for one in tokens], kind="stable")
        for start in range(0, len(order), READ_TOGETHER):
            places = order[start : start + READ_TOGETHER]
            logits, states = pretrained.read(encoder, [tokens[one] for one in places], self.compute)
            yield from zip(places.tolist(), zip(logits, states, strict=True), strict=True)
