"""Seconds from `candor run` until it says that it is ready, the environment being set up."""

from statistics import median

from bench import processes, product
from bench.figures import Figure, Say
from bench.sizes import Sizes

TARGET = 15


def measure(sizes: Sizes, say: Say) -> list[Figure]:
    """Return the time of the start that makes the home, and of the one after it."""
    pairs = []
    for number in range(sizes.starts):
        say(f"first and second start, {number + 1} of {sizes.starts}")
        pairs.append(_start_twice())
    first, second = zip(*pairs, strict=True)
    return [
        Figure("first start, in an empty home", median(first), "s", at_most=TARGET),
        Figure("second start", median(second), "s", at_most=TARGET),
    ]


def _start_twice() -> tuple[float, float]:
    with processes.throw_away_folder() as folder:
        with product.running_in(folder / "home") as first:
            pass
        with product.running_in(folder / "home") as second:
            pass
    return first.seconds, second.seconds
