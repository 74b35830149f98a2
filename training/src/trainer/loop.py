"""The training loop: AdamW under a one-cycle schedule, the best epoch is kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from charcnn.encoding import Codes, encode_one
from charcnn.inference import Probabilities, softmax
from charcnn.network import CharCNN
from trainer import checkpoint
from trainer.data import Reviews
from trainer.metrics import Metrics, measure
from trainer.sampling import Batch, assemble, batches_of_like_length, draw_balanced


@dataclass(frozen=True)
class LoopConfig:
    """How long and how fast to train; `epoch_size` counts reviews drawn for an epoch."""

    epochs: int = 12
    epoch_size: int = 16_000
    batch_size: int = 64
    learning_rate: float = 1e-3
    weight_decay: float = 0.01
    label_smoothing: float = 0.05
    mixed_precision: bool = True
    seed: int = 1


@dataclass(frozen=True)
class EpochReport:
    """What an epoch brought: mean training loss and the metrics on the validation reviews."""

    epoch: int
    loss: float
    metrics: Metrics
    best: bool


BatchProgress = Callable[[int, int, float], None]
"""Called after each batch with (reviews done, reviews in all, loss)."""


def encode_all(reviews: Reviews) -> list[Codes]:
    """Return the codes of every review, each as long as its text."""
    return [encode_one(text) for text in reviews.texts]


def train(
    training: Reviews,
    weights: NDArray[np.float64],
    validation: Reviews,
    network: CharCNN,
    config: LoopConfig,
    folder: Path,
    on_batch: BatchProgress,
    on_epoch: Callable[[EpochReport], None],
) -> Metrics:
    """Train `network`, keep the best epoch's weights in `folder`, and return its metrics."""
    torch.manual_seed(config.seed)
    # Numbers next to zero are computed many times slower than zero.
    torch.set_flush_denormal(True)
    random = np.random.default_rng(config.seed)
    encoded, optimizer = encode_all(training), _optimizer(network, config)
    steps = config.epochs * -(-config.epoch_size // config.batch_size)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, config.learning_rate, steps, pct_start=0.1
    )
    best: Metrics | None = None
    for epoch in range(1, config.epochs + 1):
        rows = draw_balanced(training.labels, weights, config.epoch_size, random)
        batches = batches_of_like_length(rows, encoded, config.batch_size, random)
        loss = _run_epoch(
            network,
            [*assemble(batches, encoded, training.labels, network.config)],
            optimizer,
            schedule,
            config,
            on_batch,
        )
        metrics = measure(validation.labels, predict(network, validation.texts))
        improved = best is None or metrics.accuracy > best.accuracy
        if improved:
            best = metrics
            checkpoint.save(network, folder)
        on_epoch(EpochReport(epoch, loss, metrics, improved))
    if best is None:
        raise ValueError("epochs must be at least 1")
    return best


def predict(network: CharCNN, texts: Sequence[str], batch_size: int = 256) -> Probabilities:
    """Return fp32 probabilities of shape (len(texts), 3)."""
    encoded = [encode_one(text) for text in texts]
    order = np.argsort([len(codes) for codes in encoded])
    batches = [order[start : start + batch_size] for start in range(0, len(order), batch_size)]
    blank_labels = np.zeros(len(texts), dtype=np.int64)
    probabilities = np.empty((len(texts), network.config.classes))
    network.eval()
    with torch.inference_mode():
        for rows, batch in zip(
            batches, assemble(batches, encoded, blank_labels, network.config), strict=True
        ):
            probabilities[rows] = softmax(network(batch.codes).numpy())
    return probabilities


def _optimizer(network: CharCNN, config: LoopConfig) -> torch.optim.Optimizer:
    return torch.optim.AdamW(
        network.parameters(), config.learning_rate, weight_decay=config.weight_decay, fused=True
    )


def _run_epoch(
    network: CharCNN,
    batches: Sequence[Batch],
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    config: LoopConfig,
    on_batch: BatchProgress,
) -> float:
    """Take one optimiser step a batch and return the mean loss."""
    loss_of = nn.CrossEntropyLoss(label_smoothing=config.label_smoothing)
    total, done, count = 0.0, 0, sum(len(batch.labels) for batch in batches)
    network.train()
    for batch in batches:
        with torch.autocast("cpu", torch.bfloat16, enabled=config.mixed_precision):
            logits = network(batch.codes)
        loss = loss_of(logits.float(), batch.labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimizer.step()
        schedule.step()
        total += float(loss.detach()) * len(batch.labels)
        done += len(batch.labels)
        on_batch(done, count, float(loss.detach()))
    return total / count
