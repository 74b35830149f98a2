"""What a measurement gives: figures with their units, and what they are compared with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from bench.sizes import Sizes


class MeasurementError(RuntimeError):
    """Nothing could be measured; the message says why."""


@dataclass(frozen=True)
class Figure:
    """A number; `ratio` says how it compares with `base`, measured in the same run."""

    name: str
    value: float
    unit: str
    ratio: float | None = None
    base: str = ""
    at_most: float | None = None
    """What it should not exceed, in the same unit; shown, never enforced."""


Say = Callable[[str], None]
"""Told what is happening."""

Measure = Callable[[Sizes, Say], list[Figure]]
"""What every module of a measurement has, under the name `measure`."""


def milliseconds(seconds: Sequence[float], percentile: float) -> float:
    """Return a percentile (0 to 100) of durations in seconds, in milliseconds."""
    return float(np.percentile(seconds, percentile)) * 1000


def compared(name: str, value: float, unit: str, with_value: float, base: str) -> Figure:
    """Return a figure with its ratio to another value of the same run."""
    return Figure(name, value, unit, ratio=value / with_value, base=base)
