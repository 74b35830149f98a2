"""A pretrained encoder such as MiniLM, fine-tuned on reviews to teach a small network.

Nothing of it is shipped. W. Wang et al., "MiniLM" (2020), https://arxiv.org/abs/2002.10957; the
words that it sees are not those of `charcnn.hashed_words`, so that a word's state is the mean over
the tokens within it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoModel, AutoTokenizer

from charcnn.encoding import Reading
from charcnn.hashed_words import words_of
from trainer.data.corpus import Corpus
from trainer.device import Compute
from trainer.errors import ConfigError
from trainer.sampling import Rows, batches_of_like_length, draw, epoch_size, row_weights
from trainer.student import STARS

MOST_TOKENS = 128
ENCODED_TOGETHER = 1000
SMOOTHING = 0.05
STARS_WEIGHT = 0.5
WARMUP = 0.06
CLIP = 1.0
WIDTHS = (24, 40, 64, 96, MOST_TOKENS)
"""Few padded lengths, since each new shape costs the processor's kernels a second."""

OnReviews = Callable[[int], object]
"""Called with the number of reviews that were just read."""


@dataclass(frozen=True)
class TeachingConfig:
    """How the encoder is fine-tuned.

    An epoch draws `epoch_size` reviews, or where that is None every one of the rarest class once;
    of each file as much as `shares` says (see `trainer.sampling.row_weights`).
    """

    epochs: int = 2
    batch_size: int = 64
    learning_rate: float = 8e-5
    seed: int = 1
    epoch_size: int | None = None
    shares: tuple[float, ...] = ()


@dataclass(frozen=True)
class Tokens:
    """A text's tokens, and the word that each is part of, or -1."""

    numbers: NDArray[np.int64]
    words: NDArray[np.int64]


class Encoder(nn.Module):
    """Tokens (batch, tokens) to logits of classes, then of stars, and states of the tokens."""

    def __init__(self, folder: Path, classes: int) -> None:
        super().__init__()
        self.encoder = AutoModel.from_pretrained(
            folder,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            attn_implementation="eager",  # On a processor twice as fast backwards as the fused one.
        )
        self.encoder.get_input_embeddings().weight.requires_grad_(requires_grad=False)
        self.pad = int(self.encoder.config.pad_token_id or 0)
        self.dropout = nn.Dropout(0.1)
        self.classes = classes
        self.head = nn.Linear(self.encoder.config.hidden_size, classes + STARS)

    def forward(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits (batch, classes + 5) and states (batch, tokens, width), in fp32."""
        mask = tokens != self.pad
        given = self.encoder(input_ids=tokens, attention_mask=mask.long())
        states: Tensor = given.last_hidden_state.float()
        weights = mask.unsqueeze(2).float()
        mean = (states * weights).sum(1) / weights.sum(1).clamp(min=1)
        return self.head(self.dropout(mean)).float(), states

    def load(self, weights: Path) -> None:
        """Take the weights that an earlier fine-tuning left in a file.

        Raises:
            ConfigError: there are none, or they are another encoder's.
        """
        try:
            self.load_state_dict(torch.load(weights, weights_only=True))
        except (OSError, RuntimeError) as error:
            reason = str(error).splitlines()[0]
            raise ConfigError(
                f"--start-from {weights.parent} has no such teacher: {reason}"
            ) from error


def tokenise(folder: Path, texts: Sequence[str], reading: Reading) -> list[Tokens]:
    """Return the tokens of the characters that are read; of many, the first and the last ones."""
    tokenizer: Any = AutoTokenizer.from_pretrained(folder)
    tokens: list[Tokens] = []
    for start in range(0, len(texts), ENCODED_TOGETHER):
        read = [reading.normalise(text)[::-1] for text in texts[start : start + ENCODED_TOGETHER]]
        encoded = tokenizer(read, return_offsets_mapping=True, verbose=False)
        pairs = zip(read, encoded["input_ids"], encoded["offset_mapping"], strict=True)
        tokens += [_tokens(*one) for one in pairs]
    return tokens


def _tokens(text: str, numbers: list[int], offsets: list[tuple[int, int]]) -> Tokens:
    owners = words_of(text)
    words = [int(owners[start]) if end > start else -1 for start, end in offsets]
    kept = np.arange(len(numbers))
    if len(kept) > MOST_TOKENS:
        kept = np.concatenate([kept[:1], kept[1 - MOST_TOKENS :]])
    return Tokens(np.array(numbers)[kept], np.array(words)[kept])


def fine_tune(
    encoder: Encoder,
    tokens: Sequence[Tokens],
    corpus: Corpus,
    rows: Rows,
    config: TeachingConfig,
    compute: Compute,
    on_reviews: OnReviews,
) -> None:
    """Train `encoder` on `rows` of `corpus`; `tokens` are those of `rows`, in their order."""
    random = np.random.default_rng(config.seed)
    torch.manual_seed(config.seed)
    batches = _epochs(tokens, corpus, rows, config, random)
    weights = [one for one in encoder.parameters() if one.requires_grad]
    optimiser = torch.optim.AdamW(weights, config.learning_rate, weight_decay=0.01, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser,
        config.learning_rate,
        len(batches),
        pct_start=WARMUP,
        anneal_strategy="linear",
    )
    encoder.train()
    for batch in batches:
        with compute.autocast():
            logits, _ = encoder(_padded([tokens[one] for one in batch], encoder.pad, compute))
        loss = _loss(logits, corpus, rows[batch], encoder.classes)
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(weights, CLIP)
        optimiser.step()
        schedule.step()
        on_reviews(len(batch))


def reviews_of(config: TeachingConfig, labels: NDArray[np.integer[Any]]) -> int:
    """Return how many reviews all epochs draw."""
    return config.epochs * (config.epoch_size or epoch_size(labels, balanced=True))


def _epochs(
    tokens: Sequence[Tokens],
    corpus: Corpus,
    rows: Rows,
    config: TeachingConfig,
    random: np.random.Generator,
) -> list[Rows]:
    labels = corpus.labels[rows]
    weights = row_weights(corpus, rows, config.shares, balanced=True)
    size = reviews_of(config, labels)
    drawn = draw(labels, weights, size, balanced=True, random=random)
    lengths = np.array([len(tokens[one].numbers) for one in drawn])
    return batches_of_like_length(drawn, lengths, config.batch_size, random)


def _loss(logits: Tensor, corpus: Corpus, rows: Rows, classes: int) -> Tensor:
    labels = torch.from_numpy(corpus.labels[rows].astype(np.int64)).to(logits.device)
    stars = torch.from_numpy(corpus.stars[rows].astype(np.int64)).to(logits.device)
    loss = functional.cross_entropy(logits[:, :classes], labels, label_smoothing=SMOOTHING)
    known = stars > 0
    if known.any():
        loss = loss + STARS_WEIGHT * functional.cross_entropy(
            logits[known, classes:], stars[known] - 1, label_smoothing=SMOOTHING
        )
    return loss


@torch.inference_mode()
def read(
    encoder: Encoder, tokens: Sequence[Tokens], compute: Compute
) -> tuple[NDArray[np.float32], list[NDArray[np.float32]]]:
    """Return logits (reviews, classes), and for each review the states (words, width).

    A word without a token of its own has NaN for its state.
    """
    encoder.eval()
    with compute.autocast():
        logits, states = encoder(_padded(tokens, encoder.pad, compute))
    of_words = [
        _by_word(one.cpu().numpy(), text.words) for one, text in zip(states, tokens, strict=True)
    ]
    return logits[:, : encoder.classes].cpu().numpy(), of_words


def _by_word(states: NDArray[np.float32], words: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the mean state of each word's tokens."""
    inside = words >= 0
    sums = np.zeros((words.max(initial=-1) + 1, states.shape[1]), dtype=np.float32)
    np.add.at(sums, words[inside], states[: len(words)][inside])
    counts = np.bincount(words[inside], minlength=len(sums)).astype(np.float32)
    counts[counts == 0] = np.nan
    return np.divide(sums, counts[:, None])


def _padded(tokens: Sequence[Tokens], pad: int, compute: Compute) -> Tensor:
    longest = max(len(one.numbers) for one in tokens)
    width = next(width for width in WIDTHS if longest <= width)
    batch = np.full((len(tokens), width), pad, dtype=np.int64)
    for target, one in zip(batch, tokens, strict=True):
        target[: len(one.numbers)] = one.numbers
    return torch.from_numpy(batch).to(compute.device)
