"""Turn a run into the `.mar` that TorchServe serves, with its model card beside it.

python training/archive.py runs/first
python training/archive.py runs/first --version 1.0 --out model-store/sentiment.mar
python training/archive.py runs/first --precision fp32 --comparison comparison.md
python training/archive.py runs/first --mixture 25 --mixture 8 --mixture 67
"""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from trainer import archiving, checkpoint, command_line, mixture
from trainer.errors import ArchiveError

CHECKOUT = Path(__file__).resolve().parent.parent
MODEL_SERVER = CHECKOUT / "services" / "model_server"
MODEL_STORE = CHECKOUT / "model-store"


def target(out: Path | None, name: str) -> Path:
    """Return where the archive goes.

    Raises:
        ArchiveError: the card could not lie beside it under another name.
    """
    chosen = out or MODEL_STORE / f"{name}.mar"
    if chosen.suffix != ".mar":
        raise ArchiveError(f"an archive is called NAME.mar, not {chosen.name}")
    return chosen


def from_checkout(path: Path) -> str:
    """Return `path` as typed from the checkout, or its name where it lies elsewhere."""
    whole = path.resolve()
    return str(whole.relative_to(CHECKOUT)) if whole.is_relative_to(CHECKOUT) else path.name


def main(
    run: Annotated[Path, typer.Argument(help="The folder of a run that has ended.")],
    version: Annotated[
        str | None,
        typer.Option(help="What every answer will carry.", show_default="date and time"),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The archive.", show_default="model-store/NAME.mar")
    ] = None,
    precision: Annotated[
        archiving.Wanted,
        typer.Option(help="auto: int8 unless it loses more than 0.005 of weighted F1."),
    ] = "auto",
    comparison: Annotated[
        Path | None, typer.Option(help="Markdown for the card: the model against baselines.")
    ] = None,
    shares: mixture.Option = None,
) -> None:
    """Turn a run into the `.mar` that TorchServe serves, with its model card.

    Both precisions are measured on the run's own validation reviews.
    """
    path = target(out, checkpoint.load_config(run).run.name)
    places = [from_checkout(path), "--run", from_checkout(run)]
    order = archiving.Order(
        version=version or f"{datetime.now(UTC):%Y%m%d-%H%M%S}",
        path=path,
        handler=MODEL_SERVER,
        precision=precision,
        archiving_command=command_line.typed(sys.argv),
        evaluation_command=command_line.typed(["evaluate.py", *places]),
        comparison=comparison.read_text(encoding="utf-8") if comparison else None,
        mixture=mixture.shares_of(shares),
    )
    typer.echo(f"{path}: {archiving.make(run, order)}")


if __name__ == "__main__":
    command_line.run(main)
