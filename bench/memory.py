"""Memory of the whole product: shared pages are counted once (PSS, which only Linux tells)."""

import contextlib
import json
import time
from collections.abc import Iterable

import psutil

from bench import product
from bench.figures import Figure, MeasurementError, Say, compared
from bench.load import post, send_all
from bench.product import Product
from bench.sample import REVIEW
from bench.sizes import Sizes

TARGET = 1500
"""Megabytes at rest."""
CLIENTS = 8
SETTLE = 5.0
"""Seconds after which a start has left the memory that it gives back."""


def measure(sizes: Sizes, say: Say) -> list[Figure]:
    """Return the memory at rest, in all and by part, and in all after many predictions."""
    if not psutil.LINUX:
        raise MeasurementError("only Linux tells how much memory processes share")
    say("starting the product")
    with product.running() as candor:
        time.sleep(SETTLE)
        parts = [Figure(f"at rest, {name}", size, "MB") for name, size in by_part(candor).items()]
        rest = megabytes(tree(candor.starter))
        count = sizes.predictions_before_memory
        say(f"{count:,} predictions")
        send_all(candor.api_port, post("/api/predict", {"review": REVIEW}), CLIENTS, count)
        after = megabytes(tree(candor.starter))
    return [
        Figure("at rest", rest, "MB", at_most=TARGET),
        *parts,
        compared(f"after {count:,} predictions", after, "MB", rest, "at rest"),
    ]


def by_part(candor: Product) -> dict[str, float]:
    """Return the megabytes of each part that the starter has recorded."""
    records = sorted(candor.home.processes.glob("*.json"))
    pids = {file.stem: json.loads(file.read_text())["pid"] for file in records}
    return {name: megabytes(tree(psutil.Process(pid))) for name, pid in pids.items()}


def tree(process: psutil.Process) -> list[psutil.Process]:
    """Return a process and all that it started."""
    return [process, *process.children(recursive=True)]


def megabytes(processes: Iterable[psutil.Process]) -> float:
    """Return the proportional set size of processes; those that have just ended count nothing."""
    total = 0
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            total += process.memory_full_info().pss
    return total / 1e6
