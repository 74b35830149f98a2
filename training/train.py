"""Train the network on labelled reviews and keep its best epoch.

python training/train.py --data reviews.parquet --out runs/first
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from charcnn.network import NETWORKS, CharCNN
from trainer import checkpoint, command_line, data
from trainer.loop import BatchProgress, EpochReport, LoopConfig, train

DEFAULTS = LoopConfig()
console = Console()


def code_revision() -> str:
    """Return the git revision of the code, or `unknown` outside a checkout."""
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result.stdout.strip() or "unknown"


def report(epoch: EpochReport) -> None:
    """Print one line for an epoch."""
    console.print(
        f"epoch {epoch.epoch}: loss {epoch.loss:.4f}, validation accuracy "
        f"{epoch.metrics.accuracy:.4f}, weighted F1 {epoch.metrics.weighted_f1:.4f}"
        + (" (best so far)" if epoch.best else "")
    )


@contextmanager
def progress_bar() -> Iterator[BatchProgress]:
    """Show a bar for the running epoch, with its loss and the time that is left."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("epoch")
        yield lambda done, total, loss: progress.update(
            task, completed=done, total=total, description=f"loss {loss:.3f}"
        )


def main(
    paths: Annotated[list[Path], typer.Option("--data", help="Parquet or CSV; repeatable.")],
    out: Annotated[Path, typer.Option(help="Folder for weights and configuration.")],
    weight: Annotated[
        list[float] | None, typer.Option(help="How often a row of each --data is drawn; in order.")
    ] = None,
    keep: Annotated[
        list[str] | None, typer.Option(help="COLUMN=VALUE: drop other rows; repeatable.")
    ] = None,
    network_name: Annotated[
        Literal["reference", "tiny"], typer.Option("--network", help="Which network to train.")
    ] = "reference",
    epochs: Annotated[int, typer.Option(min=1)] = DEFAULTS.epochs,
    epoch_size: Annotated[int, typer.Option(min=3)] = DEFAULTS.epoch_size,
    batch_size: Annotated[int, typer.Option(min=1)] = DEFAULTS.batch_size,
    learning_rate: Annotated[float, typer.Option(min=0)] = DEFAULTS.learning_rate,
    precision: Annotated[
        Literal["bf16", "fp32"], typer.Option(help="bf16 halves the time where the CPU has it.")
    ] = "bf16",
    seed: int = DEFAULTS.seed,
) -> None:
    """Train the network on labelled reviews and keep its best epoch."""
    with command_line.readable_errors():
        reviews = data.read(paths, data.parse_keep(keep or []))
        training, validation = data.split(reviews)
        weights = data.row_weights(training, paths, weight or [])
    console.print(f"{len(training):,} reviews to train on, {len(validation):,} to validate on")
    config = LoopConfig(
        epochs=epochs,
        epoch_size=epoch_size,
        batch_size=batch_size,
        learning_rate=learning_rate,
        mixed_precision=precision == "bf16",
        seed=seed,
    )
    network = CharCNN(NETWORKS[network_name])
    with progress_bar() as on_batch:
        best = train(training, weights, validation, network, config, out, on_batch, report)
    run = {
        "command": command_line.typed(sys.argv),
        "loop": asdict(config),
        "data": [path.name for path in paths],
        "keep": keep or [],
        "data_sha256": data.digest(reviews),
        "code_revision": code_revision(),
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "validation": best.as_dict(),
    }
    checkpoint.save_run(run, out)


if __name__ == "__main__":
    command_line.run(main)
