"""Train a network on labelled reviews; the best epoch's weights and a report end up in one folder.

python training/train.py --config training/sample/train.toml
python training/train.py --data reviews.csv --out runs/first --epochs 20 --patience 3
python training/train.py --data a.parquet --data s3://bucket/b.ndjson.gz --weight 1 --weight 6
python training/train.py --out runs/first --resume
python training/train.py --data reviews.csv --find-learning-rate
torchrun --nproc-per-node 2 training/train.py --data reviews.csv --out runs/first
"""

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from trainer import command_line, device, parallel, plots, progress, run
from trainer.config import TrainConfig, read_values
from trainer.options import as_sections, overlaid, with_config_options
from trainer.session import Commands, train

RUNS = Path("runs")
RATES = "learning_rates.png"
console = Console()


@with_config_options
def main(
    *,
    out: Annotated[
        Path | None, typer.Option(help="Folder of the run; runs/NAME-DATE-TIME if not given.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="File with options (.toml or .json); the others win.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the run in --out, if there is one.")
    ] = False,
    find_learning_rate: Annotated[
        bool, typer.Option("--find-learning-rate", help="Suggest a learning rate, then end.")
    ] = False,
    **options: Any,  # noqa: ANN401  # See trainer.config.
) -> None:
    """Train a network on labelled reviews and report how good it is."""
    values = overlaid(read_values(config) if config else {}, as_sections(options))
    if find_learning_rate:
        with tempfile.TemporaryDirectory() as folder:
            suggest_rate(Path(folder), run.choose_config(Path(folder), values, resume=False))
        return
    folder = out or RUNS / f"{name_of(values)}-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    chosen = run.choose_config(folder, values, resume=resume)
    commands = Commands(
        typed=command_line.typed(sys.argv),
        resuming=f"python training/train.py --out {folder} --resume",
        following=f"make a .mar: python training/archive.py {folder}",
    )
    train(folder, chosen, commands, console)


def name_of(values: dict[str, Any]) -> str:
    """Return the model's name, as far as it is known before the options are checked."""
    return str(values.get("run", {}).get("name", "sentiment"))


def suggest_rate(folder: Path, chosen: TrainConfig) -> None:
    """Print the learning rate to take, and draw the loss against the rate."""
    compute = device.start(chosen.run)
    with progress.counter("rows read") as on_rows:
        begun = run.begin(folder, chosen, compute, parallel.Shard(), "", on_rows)
    with console.status("trying learning rates"):
        finding = run.find_rate(begun)
    plots.draw_rate_finder(finding.rates, finding.losses, Path(RATES))
    console.print(f"--learning-rate {finding.suggestion:.2g}   (see {RATES})", highlight=False)


if __name__ == "__main__":
    command_line.run(main)
