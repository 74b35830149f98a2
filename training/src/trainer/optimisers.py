"""How the weights move: the optimiser and its learning rate at every step."""

import math
from typing import Any

import torch
from torch import nn

from trainer.config import OptimiserConfig

MOMENTUM = 0.9
WARMUP = 0.1
STEP_EPOCHS = 3
STEP_FACTOR = 0.5
LOWEST = 0.1
"""The lowest rate of a cycle, as a share of the highest."""


def make_optimiser(config: OptimiserConfig, network: nn.Module) -> torch.optim.Optimizer:
    """Return the optimiser over all weights of `network`; tables of embeddings do not decay."""
    tables = {one.weight for one in network.modules() if isinstance(one, nn.Embedding)}
    others = [weight for weight in network.parameters() if weight not in tables]
    weights: list[dict[str, Any]] = [{"params": others}]
    # A row that no review of a batch holds would decay all the same, and words be forgotten.
    weights += [{"params": list(tables), "weight_decay": 0.0}] if tables else []
    rate, decay = config.learning_rate, config.weight_decay
    if config.optimiser == "sgd":
        momentum = MOMENTUM if config.momentum is None else config.momentum
        return torch.optim.SGD(weights, rate, momentum=momentum, weight_decay=decay, fused=True)
    kind = torch.optim.AdamW if config.optimiser == "adamw" else torch.optim.Adam
    return kind(weights, rate, weight_decay=decay, fused=True)


def rate_at(config: OptimiserConfig, step: int, steps: int, steps_an_epoch: int) -> float:
    """Return the learning rate of step number `step` (from 0) of `steps`."""
    every = (config.step_epochs or STEP_EPOCHS) * steps_an_epoch
    if config.schedule == "step":
        factor = STEP_FACTOR if config.step_factor is None else config.step_factor
        return config.learning_rate * factor ** (step // every)
    if config.schedule == "cyclical":
        # Triangles, Smith 2017, https://arxiv.org/abs/1506.01186.
        height = 1 - abs(2 * (step % every) / every - 1)
        return config.learning_rate * (LOWEST + (1 - LOWEST) * height)
    if config.schedule == "cosine":
        return config.learning_rate * _cosine(config, step, steps)
    return config.learning_rate


def _cosine(config: OptimiserConfig, step: int, steps: int) -> float:
    """Rise in a line, then fall as half a cosine (Loshchilov and Hutter 2017)."""
    rising = round(steps * (WARMUP if config.warmup is None else config.warmup))
    if step < rising:
        return (step + 1) / (rising + 1)
    return (1 + math.cos(math.pi * (step - rising) / max(1, steps - rising))) / 2


def set_rate(optimiser: torch.optim.Optimizer, rate: float) -> None:
    """Let the next step be taken at `rate`."""
    for group in optimiser.param_groups:
        group["lr"] = rate
