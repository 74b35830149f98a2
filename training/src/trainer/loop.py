"""The training loop: epochs of balanced batches, the best epoch's weights are kept.

It goes on from the last checkpoint where there is one. A step depends on the data, the seed and
its own number alone, so that a resumed run ends with the weights of an uninterrupted one.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from charcnn.inference import Probabilities, softmax
from trainer import batches, checkpoint, parallel, sampling, state
from trainer.batches import Batch, Batches, Shard
from trainer.checkpoint import Trained
from trainer.config import TrainConfig
from trainer.data.corpus import TRAINING, VALIDATION, Corpus
from trainer.device import Compute
from trainer.errors import DivergenceError
from trainer.interruption import Interrupted, Request
from trainer.losses import make_loss
from trainer.metrics import Metrics, measure
from trainer.optimisers import make_optimiser, rate_at, set_rate
from trainer.state import Position, Weights
from trainer.student import Student
from trainer.teacher import Teacher

VALIDATION_BATCH = 256


@dataclass(frozen=True)
class BatchReport:
    """One step: `done` of `reviews` in this epoch; `speed` in reviews a second, all processes."""

    epoch: int
    step: int
    done: int
    reviews: int
    loss: float
    rate: float
    speed: float


@dataclass(frozen=True)
class EpochReport:
    """What an epoch brought; without validation reviews there are no metrics."""

    epoch: int
    step: int
    loss: float
    metrics: Metrics | None
    best: bool


class Listener(Protocol):
    """Told how a run goes."""

    def on_batch(self, report: BatchReport) -> None:
        """Take note of a step."""

    def on_epoch(self, report: EpochReport) -> None:
        """Take note of an epoch."""


class Training:
    """A run in `folder`; with a teacher, on the reviews that it has read."""

    def __init__(
        self,
        corpus: Corpus,
        config: TrainConfig,
        trained: Trained,
        folder: Path,
        compute: Compute,
        shard: Shard,
        listeners: Sequence[Listener] = (),
        teacher: Teacher | None = None,
    ) -> None:
        self.corpus, self.config, self.trained, self.folder = corpus, config, trained, folder
        self.compute, self.shard, self.listeners = compute, shard, listeners
        self.teacher, self.rows = teacher, corpus.rows(TRAINING)
        if teacher:
            self.rows = self.rows[teacher.read[self.rows]]
        self.weights = _make_weights(trained, config, compute, teacher)
        self.network = parallel.wrap(self.weights.student, shard)
        labels = corpus.labels[self.rows]
        self.loss = make_loss(config.loss, labels, len(corpus.label_names))
        balanced = config.loss.balanced_sampler
        self.size = config.run.epoch_size or sampling.epoch_size(labels, balanced=balanced)
        self.steps_an_epoch = -(-self.size // config.run.batch_size)
        self.steps = self.steps_an_epoch * config.run.epochs

    def run(self, request: Request) -> Position:
        """Train to the end and return where it stopped.

        Raises:
            Interrupted: `request` came; the state is saved.
            DivergenceError: the loss is no number any more.
        """
        position = state.restore(self.weights, self.folder)
        while position.epoch < self.config.run.epochs and not position.stopped_early:
            self._run_epoch(position, request)
            self._end_epoch(position)
        return position

    def batches(self, epoch: int, first: int = 0) -> Iterator[Batch]:
        """Yield the batches of an epoch from number `first` on."""
        drawn = sampling.epoch_batches(self.corpus, self.rows, self.config, epoch)
        prepared = Batches(
            self.corpus,
            drawn,
            self.trained.interface,
            self.trained.network.config,
            self.shard,
            self.teacher,
            self.config.network.input_dropout,
            (self.config.run.seed, epoch),
        )
        yield from batches.load(prepared, first, self.config.run.workers)

    def _run_epoch(self, position: Position, request: Request) -> None:
        done = before = position.reviews
        started = time.perf_counter()
        self.network.train()
        for batch in self.batches(position.epoch, position.batch):
            rate = rate_at(self.config.optimiser, position.step, self.steps, self.steps_an_epoch)
            loss = self.take_step(batch, position.step, rate)
            done += len(batch.all_labels)
            position.batch, position.step = position.batch + 1, position.step + 1
            position.reviews, position.loss = done, position.loss + loss
            speed = (done - before) / (time.perf_counter() - started)
            self._tell(
                BatchReport(position.epoch, position.step, done, self.size, loss, rate, speed)
            )
            self._keep(position, request)

    def take_step(self, batch: Batch, number: int, rate: float) -> float:
        """Take one step and return the loss over all processes."""
        seed = np.random.SeedSequence([self.config.run.seed, number, self.shard.rank])
        torch.manual_seed(int(seed.generate_state(1)[0]))
        weights, batch = self.weights, batch.to(self.compute.device)
        set_rate(weights.optimiser, rate)
        with self.compute.autocast():
            outputs = self.network(batch.codes)
        loss = self.loss(outputs, batch)
        weights.optimiser.zero_grad(set_to_none=True)
        # Gradients are averaged over processes, whose losses add up.
        torch.autograd.backward(weights.scaler.scale(loss * self.shard.world))
        weights.scaler.unscale_(weights.optimiser)
        nn.utils.clip_grad_norm_(weights.student.parameters(), self.config.optimiser.clip)
        weights.scaler.step(weights.optimiser)
        weights.scaler.update()
        if weights.average:
            weights.average.update_parameters(weights.student.network)
        return self._total(float(loss.detach()))

    def _total(self, loss: float) -> float:
        total = float(parallel.add_up(np.array([loss]), self.shard, self.compute.device)[0])
        if not np.isfinite(total):
            raise DivergenceError(
                "the loss is no number any more: try a lower --learning-rate or --clip "
                "(the last checkpoint is kept)"
            )
        return total

    def _keep(self, position: Position, request: Request) -> None:
        """Save the state where it is due or asked for; all processes agree on it."""
        asked = int(parallel.highest(request.signal, self.shard))
        if asked or position.step % self.config.run.checkpoint_interval == 0:
            self._save(position)
        if asked:
            raise Interrupted(asked)

    def _save(self, position: Position) -> None:
        if self.shard.rank == 0:
            state.save(position, self.weights, self.folder)

    def _end_epoch(self, position: Position) -> None:
        metrics = self.validate()
        # Not the plain accuracy: the mixture that a model meets need not be that of its data.
        value = None if metrics is None else metrics.balanced_accuracy
        better = self._is_better(value, position.best)
        loss = position.loss / max(1, position.batch)
        report = EpochReport(position.epoch, position.step, loss, metrics, better)
        if better:
            position.best, position.best_epoch = value, position.epoch
            if self.shard.rank == 0:
                checkpoint.save_weights(self.weights.judged.state_dict(), self.folder)
        position.epoch += 1
        position.batch, position.reviews, position.loss = 0, 0, 0.0
        patience = self.config.run.patience
        waited = position.epoch - 1 - position.best_epoch
        position.stopped_early = patience is not None and waited >= patience
        self._tell(report)
        self._save(position)

    def _is_better(self, value: float | None, best: float | None) -> bool:
        if value is None or best is None or self.config.run.keep_epoch == "last":
            return True
        return value > best

    def _tell(self, report: BatchReport | EpochReport) -> None:
        for listener in self.listeners:
            if isinstance(report, BatchReport):
                listener.on_batch(report)
            else:
                listener.on_epoch(report)

    def validate(self) -> Metrics | None:
        """Return the metrics on the validation reviews, or None where there are none."""
        rows = self.corpus.rows(VALIDATION)
        if not len(rows):
            return None
        labels = self.corpus.labels[rows].astype(np.int64)
        return measure(labels, self.answers(rows), self.corpus.label_names)

    def load_best(self) -> None:
        """Take the weights of the best epoch."""
        path = self.folder / checkpoint.WEIGHTS
        self.weights.judged.load_state_dict(torch.load(path, weights_only=True))

    def answers(self, rows: sampling.Rows) -> Probabilities:
        """Return the probabilities for `rows`; every process computes a part."""
        order = np.argsort(self.corpus.sizes[rows], kind="stable")
        positions = [
            order[start : start + VALIDATION_BATCH]
            for start in range(0, len(order), VALIDATION_BATCH)
        ][self.shard.rank :: self.shard.world]
        prepared = Batches(
            self.corpus,
            [rows[chosen] for chosen in positions],
            self.trained.interface,
            self.trained.network.config,
            Shard(),
        )
        answers = np.zeros((len(rows), len(self.trained.interface.labels)))
        network = self.weights.judged.eval()
        with torch.inference_mode(), self.compute.autocast():
            loaded = batches.load(prepared, 0, self.config.run.workers)
            for chosen, batch in zip(positions, loaded, strict=True):
                logits = network(batch.codes.to(self.compute.device))
                answers[chosen] = softmax(logits.float().cpu().numpy())
        return parallel.add_up(answers, self.shard, self.compute.device)


def _make_weights(
    trained: Trained, config: TrainConfig, compute: Compute, teacher: Teacher | None
) -> Weights:
    states = teacher.width if teacher and config.loss.states_weight else 0
    student = Student(trained.network, stars=config.loss.stars_weight > 0, states=states)
    student.to(compute.device)
    decay, average = config.optimiser.average, None
    if decay:
        moving = get_ema_multi_avg_fn(decay)  # type: ignore[no-untyped-call]  # torch's has no types.
        average = AveragedModel(student.network, multi_avg_fn=moving, use_buffers=True)
    optimiser = make_optimiser(config.optimiser, student)
    scaler = torch.amp.GradScaler("cuda", enabled=compute.type == torch.float16)
    return Weights(student, optimiser, scaler, average)
