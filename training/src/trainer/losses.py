"""What training minimises: cross-entropy or focal loss, and what a teacher and the stars add."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from trainer.batches import Batch
from trainer.config import LossConfig
from trainer.student import Outputs
from trainer.teacher import Lesson

FOCAL_GAMMA = 2.0
TEACHER_SHARE = 0.8
TEMPERATURE = 2.0


@dataclass(frozen=True)
class Loss:
    """The loss of a batch; `class_weights` has shape (classes,)."""

    config: LossConfig
    class_weights: Tensor

    def __call__(self, outputs: Outputs, batch: Batch) -> Tensor:
        """Return this process' share of the loss over `batch.all_labels`, a scalar."""
        count = len(batch.all_labels)
        total = self._of_labels(outputs.logits, batch)
        if batch.lesson:
            share = _or(self.config.teacher_share, TEACHER_SHARE)
            taught = self._of_teacher(outputs.logits, batch.lesson)
            total = (1 - share) * total + share * taught.sum() / count
        if outputs.stars is not None:
            known = batch.stars > 0
            losses = self._cross_entropy(outputs.stars[known], batch.stars[known] - 1)
            total = total + self.config.stars_weight * losses.sum() / count
        if outputs.states is not None and batch.lesson:
            missed = _of_states(outputs.states, batch.lesson)
            part = len(batch.labels) / count
            total = total + _or(self.config.states_weight, 0.0) * missed * part
        return total

    def _of_labels(self, logits: Tensor, batch: Batch) -> Tensor:
        weights = self.class_weights.to(logits.device)
        losses = self._cross_entropy(logits, batch.labels)
        if self.config.loss == "focal":
            losses = losses * self._focus(logits, batch.labels)
        return (losses * weights[batch.labels]).sum() / weights[batch.all_labels].sum()

    def _cross_entropy(self, logits: Tensor, labels: Tensor) -> Tensor:
        smoothing = self.config.label_smoothing
        return functional.cross_entropy(logits, labels, reduction="none", label_smoothing=smoothing)

    def _focus(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Return (1 - p)^gamma, Lin et al. 2017, https://arxiv.org/abs/1708.02002."""
        sure = logits.softmax(1).gather(1, labels[:, None])[:, 0]
        return (1 - sure) ** _or(self.config.focal_gamma, FOCAL_GAMMA)

    def _of_teacher(self, logits: Tensor, lesson: Lesson) -> Tensor:
        """Return each review's divergence from the teacher, both softened (Hinton et al. 2015)."""
        heat = _or(self.config.temperature, TEMPERATURE)
        wanted = (lesson.logits / heat).softmax(1)
        given = (logits / heat).log_softmax(1)
        return functional.kl_div(given, wanted, reduction="none").sum(1) * heat**2


def _of_states(states: Tensor, lesson: Lesson) -> Tensor:
    """Return the mean squared distance from the teacher's states of the words it knows."""
    if not len(lesson.states):
        return states.sum() * 0
    return functional.mse_loss(states[lesson.known], lesson.states)


def make_loss(config: LossConfig, labels: NDArray[np.integer], classes: int) -> Loss:
    """Return the loss; balanced class weights come from the counts of `labels`."""
    if config.focal_alpha:
        return Loss(config, torch.tensor(config.focal_alpha))
    counts = np.bincount(labels, minlength=classes)
    balanced = len(labels) / (classes * np.maximum(counts, 1))
    weights = balanced if config.class_weights == "balanced" else np.ones(classes)
    return Loss(config, torch.from_numpy(weights).float())


def _or(given: float | None, default: float) -> float:
    return default if given is None else given
