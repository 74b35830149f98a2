"""Where a run is: all that is needed to go on as if it had never stopped.

Random numbers are no part of it: every step and every epoch draws from a seed of its own.
"""

from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

from trainer import checkpoint
from trainer.student import Student

STATE = "state.pt"


@dataclass
class Position:
    """How far a run is; `batch` is the next one of `epoch`, both from 0."""

    epoch: int = 0
    batch: int = 0
    step: int = 0
    reviews: int = 0
    """How many of this epoch's reviews were seen so far."""
    loss: float = 0.0
    """The sum of the losses of this epoch's batches so far."""
    best: float | None = None
    best_epoch: int = 0
    stopped_early: bool = False


@dataclass(frozen=True)
class Weights:
    """Everything that a step changes."""

    student: Student
    optimiser: torch.optim.Optimizer
    scaler: torch.amp.GradScaler
    average: AveragedModel | None

    @property
    def judged(self) -> nn.Module:
        """The network whose answers count: the average of the weights where there is one."""
        return self.student.network if self.average is None else self.average.module


def save(position: Position, weights: Weights, folder: Path) -> None:
    """Write the state, whole or not at all."""
    state = {
        "position": asdict(position),
        "student": weights.student.state_dict(),
        "optimiser": weights.optimiser.state_dict(),
        "scaler": weights.scaler.state_dict(),
        "average": weights.average.state_dict() if weights.average else None,
    }
    checkpoint.write(state, folder / STATE)


def exists(folder: Path) -> bool:
    """Tell whether there is a run to go on with."""
    return (folder / STATE).is_file()


def read_position(folder: Path) -> Position:
    """Return how far the run in `folder` is."""
    if not exists(folder):
        return Position()
    return Position(**torch.load(folder / STATE, weights_only=True, mmap=True)["position"])


def restore(weights: Weights, folder: Path) -> Position:
    """Load what `save` wrote into `weights`, if anything, and return the position."""
    if not exists(folder):
        return Position()
    state = torch.load(folder / STATE, weights_only=True, map_location="cpu")
    weights.student.load_state_dict(state["student"])
    weights.optimiser.load_state_dict(state["optimiser"])
    weights.scaler.load_state_dict(state["scaler"])
    if weights.average:
        weights.average.load_state_dict(state["average"])
    return Position(**state["position"])
