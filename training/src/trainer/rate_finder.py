"""The learning-rate range test of Smith 2017, https://arxiv.org/abs/1506.01186.

The rate grows from step to step until the loss rises; a good highest rate is the one at which
the loss fell fastest.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

LOWEST, HIGHEST = 1e-6, 1.0
STEPS = 120
SMOOTHING = 0.9
TOO_HIGH = 2.0
"""The search ends when the loss is so many times its lowest."""


@dataclass(frozen=True)
class Finding:
    """The smoothed loss at every rate that was tried, and the rate to take."""

    rates: list[float]
    losses: list[float]
    suggestion: float


def find(step: Callable[[int, float], float], steps: int = STEPS) -> Finding:
    """Try rates with `step(number, rate)`, which takes a step and returns its loss."""
    rates: list[float] = []
    losses: list[float] = []
    running = 0.0
    for number, rate in enumerate(np.geomspace(LOWEST, HIGHEST, steps)):
        loss = step(number, float(rate))
        running = SMOOTHING * running + (1 - SMOOTHING) * loss
        smooth = running / (1 - SMOOTHING ** (number + 1))
        if not np.isfinite(loss) or (losses and smooth > TOO_HIGH * min(losses)):
            break
        rates.append(float(rate))
        losses.append(smooth)
    return Finding(rates, losses, _steepest(rates, losses))


def _steepest(rates: list[float], losses: list[float]) -> float:
    slopes = np.gradient(np.array(losses), np.log(rates))
    return float(rates[int(slopes.argmin())])
