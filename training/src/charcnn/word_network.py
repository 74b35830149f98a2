"""Words as sums of hashed embeddings, a small stack over them, and a linear branch.

Each word's vector comes from the hash of the word and those of its character
n-grams, so that a misspelt or unseen word is read by its parts. Layers of a
convolution over three words, self-attention (Vaswani et al. 2017) and a dense pair
follow; learnt averages, the mean and the maximum pool them. A linear model over
hashed words and word pairs, which learns what fastText or TF-IDF with logistic
regression learn, is added to the logits.

Whatever lies behind a review's end is masked in every layer, so that an answer
does not depend on the padding.
"""

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from charcnn.encoding import Reading
from charcnn.features import Features
from charcnn.hashed_words import BUCKETS

NOTHING = -1e4
"""Added to what must have no weight in a softmax or a maximum."""


@dataclass(frozen=True)
class WordConfig:
    """The sizes of the network."""

    buckets: int = BUCKETS
    embedding: int = 64
    width: int = 192
    heads: int = 4
    layers: int = 3
    hidden: int = 384
    queries: int = 4
    classes: int = 3
    dropout: float = 0.2
    word_dropout: float = 0.1
    pair_dropout: float = 0.3

    unit: ClassVar[Literal["characters", "words"]] = "words"
    step: ClassVar[int] = 8

    @property
    def pooled(self) -> int:
        """The width of what the last layer sees."""
        return (self.queries + 2) * self.width

    def adapted(self, _reading: Reading, classes: int, dropout: float) -> "WordConfig":
        """Return the sizes for a number of classes; how texts are read does not change them."""
        return replace(self, classes=classes, dropout=dropout)

    def build(self) -> "WordNetwork":
        """Return a network of these sizes with fresh weights."""
        return WordNetwork(self)

    def needed(self, words: int) -> int:
        """How many words to give for a review of so many."""
        return max(1, words)


class WordNetwork(nn.Module):
    """Hashed words of shape (batch, words, 2 + n-grams) to logits of shape (batch, classes)."""

    def __init__(self, config: WordConfig | None = None) -> None:
        super().__init__()
        self.config = config or WordConfig()
        self.embedder = Embedder(self.config)
        self.layers = nn.ModuleList(Layer(self.config) for _ in range(self.config.layers))
        self.norm = nn.LayerNorm(self.config.width)
        self.pool = Pool(self.config)
        self.linear = LinearBranch(self.config)
        self.dropout = nn.Dropout(self.config.dropout)
        self.to_classes = nn.Linear(self.config.pooled, self.config.classes)

    def forward(self, codes: Tensor) -> Tensor:
        """Return logits; `codes` holds 0 where there is nothing."""
        return self.answer(self.read(codes))

    def answer(self, features: Features) -> Tensor:
        """Return the logits that follow from what was read."""
        logits: Tensor = self.to_classes(features.pooled)
        return logits if features.direct is None else logits + features.direct

    def read(self, codes: Tensor) -> Features:
        """Return what the last layer sees, and each word's state."""
        mask = (codes[:, :, 0] > 0).float()
        words, pairs, grams = self._forget(codes[:, :, 0], codes[:, :, 1], codes[:, :, 2:])
        states = self.embedder(words, grams)
        for layer in self.layers:
            states = layer(states, mask)
        states = self.norm(states)
        pooled = self.dropout(self.pool(states, mask))
        return Features(pooled, states, self.linear(words, pairs, mask))

    def _forget(self, words: Tensor, pairs: Tensor, grams: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Forget some words in training: half of them keep their n-grams, as unseen words do."""
        if not self.training:
            return words, pairs, grams
        chance = torch.rand(words.shape, device=words.device)
        words = words * (chance > self.config.word_dropout)
        grams = grams * (chance > self.config.word_dropout / 2).unsqueeze(2)
        kept = torch.rand(pairs.shape, device=pairs.device) > self.config.pair_dropout
        return words, pairs * kept, grams


class Embedder(nn.Module):
    """Word and n-gram numbers to one vector a word."""

    def __init__(self, config: WordConfig) -> None:
        super().__init__()
        self.words = _table(config.buckets, config.embedding, 0.1)
        self.grams = _table(config.buckets, config.embedding, 0.1)
        self.mix = nn.Linear(2 * config.embedding, config.width)
        self.norm = nn.LayerNorm(config.width)

    def forward(self, words: Tensor, grams: Tensor) -> Tensor:
        """Return vectors of shape (batch, words, width)."""
        count = (grams > 0).sum(2, keepdim=True).clamp(min=1)
        parts = self._sum(grams) / count.sqrt()
        vectors: Tensor = self.norm(self.mix(torch.cat([self.words(words), parts], dim=2)))
        return vectors

    def _sum(self, grams: Tensor) -> Tensor:
        if not self.training:
            summed: Tensor = self.grams(grams).sum(2)
            return summed
        weight = self.grams.weight
        bags = functional.embedding_bag(grams.flatten(0, 1), weight, mode="sum", padding_idx=0)
        return bags.view(*grams.shape[:2], -1)


class Layer(nn.Module):
    """A convolution over three words, self-attention, and a dense pair, each beside a shortcut."""

    def __init__(self, config: WordConfig) -> None:
        super().__init__()
        width = config.width
        self.heads = config.heads
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3))
        self.convolution = nn.Linear(3 * width, width)
        self.queries_keys_values = nn.Linear(width, 3 * width)
        self.joined = nn.Linear(width, width)
        self.up = nn.Linear(width, config.hidden)
        self.down = nn.Linear(config.hidden, width)
        self.dropout = nn.Dropout(config.dropout / 2)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Return states of the same shape (batch, words, width)."""
        states = states + self._convolve(self.norms[0](states) * mask.unsqueeze(2))
        states = states + self._attend(self.norms[1](states), mask)
        dense: Tensor = self.down(functional.gelu(self.up(self.norms[2](states))))
        changed: Tensor = states + self.dropout(dense)
        return changed

    def _convolve(self, states: Tensor) -> Tensor:
        edge = torch.zeros_like(states[:, :1])
        before = torch.cat([edge, states[:, :-1]], dim=1)
        after = torch.cat([states[:, 1:], edge], dim=1)
        joined: Tensor = self.convolution(torch.cat([before, states, after], dim=2))
        return functional.gelu(joined)

    def _attend(self, states: Tensor, mask: Tensor) -> Tensor:
        batch, words, width = states.shape
        split = self.queries_keys_values(states).view(batch, words, 3, self.heads, -1)
        queries, keys, values = split.permute(2, 0, 3, 1, 4)
        scores = queries @ keys.transpose(2, 3) * (self.heads / width) ** 0.5
        weights = (scores.float() + (1 - mask[:, None, None]) * NOTHING).softmax(3)
        heads = (weights.to(values.dtype) @ values).transpose(1, 2)
        joined: Tensor = self.joined(heads.reshape(batch, words, width))
        return joined


class Pool(nn.Module):
    """States of any number of words to one vector: learnt averages, the mean, the maximum."""

    def __init__(self, config: WordConfig) -> None:
        super().__init__()
        self.scores = nn.Linear(config.width, config.queries)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Return shape (batch, (queries + 2) * width)."""
        wide = mask.unsqueeze(2)
        absent = (1 - wide) * NOTHING
        weights = (self.scores(states).float() + absent).softmax(1)
        averages = (weights.transpose(1, 2) @ states).flatten(1)
        mean = (states * wide).sum(1) / wide.sum(1).clamp(min=1)
        # A review without a word has no maximum: nothing is as much as it can say.
        highest = (states * wide + absent).amax(1) * wide.amax(1)
        return torch.cat([averages, mean, highest], dim=1)


class LinearBranch(nn.Module):
    """A weight a class for every word and every pair of words."""

    def __init__(self, config: WordConfig) -> None:
        super().__init__()
        self.words = _table(config.buckets, config.classes, 0.0)
        self.pairs = _table(config.buckets, config.classes, 0.0)

    def forward(self, words: Tensor, pairs: Tensor, mask: Tensor) -> Tensor:
        """Return shape (batch, classes)."""
        total = (self.words(words) + self.pairs(pairs)).sum(1)
        scaled: Tensor = total / mask.sum(1, keepdim=True).clamp(min=1).sqrt()
        return scaled


def _table(rows: int, width: int, spread: float) -> nn.Embedding:
    table = nn.Embedding(rows, width, padding_idx=0)
    nn.init.normal_(table.weight, std=spread)
    with torch.no_grad():
        table.weight[0] = 0
    return table
