"""A run from the terminal: its processes, its signals, and what it says as it goes."""

import sys
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from trainer import device, interruption, parallel, progress, run
from trainer.config import TrainConfig
from trainer.display import Display
from trainer.interruption import Interrupted


@dataclass(frozen=True)
class Commands:
    """What the user typed, and what to type next: when the run is stopped, and when it ended."""

    typed: str
    resuming: str
    following: str = ""


def train(folder: Path, chosen: TrainConfig, commands: Commands, console: Console) -> None:
    """Train in `folder`; an interrupted run says how to go on and ends as by the signal."""
    compute = device.start(chosen.run)
    with parallel.joined(compute.device) as shard, interruption.noticed() as request:
        with progress.counter("rows read") as on_rows:
            begun = run.begin(folder, chosen, compute, shard, commands.typed, on_rows)
        show = console if shard.rank == 0 else Console(quiet=True)
        show.print(begun.summary(), highlight=False)
        try:
            with Display(show, chosen.run.epochs) as display:
                begun.train(request, display)
        except Interrupted as stopped:
            show.print(f"stopped by {stopped}; go on with: {commands.resuming}", soft_wrap=True)
            sys.exit(128 + stopped.signal)
        show.print(f"report: {folder / run.REPORT}", soft_wrap=True)
        if commands.following:
            show.print(commands.following, soft_wrap=True)
