"""Measure a model on the validation split of labelled reviews.

python training/evaluate.py model-store/sentiment.mar --data reviews.parquet
python training/evaluate.py http://127.0.0.1:8080 --data reviews.parquet
"""

from pathlib import Path
from typing import Annotated, Literal

import typer

from trainer import command_line, data
from trainer.card import confusion_table
from trainer.metrics import measure
from trainer.models import open_model


def main(
    model: Annotated[str, typer.Argument(help="A .mar, a checkpoint folder or an address.")],
    paths: Annotated[list[Path], typer.Option("--data", help="Parquet or CSV; repeatable.")],
    keep: Annotated[
        list[str] | None, typer.Option(help="COLUMN=VALUE: drop other rows; repeatable.")
    ] = None,
    rows: Annotated[
        Literal["validation", "all"], typer.Option(help="Which rows to measure on.")
    ] = "validation",
) -> None:
    """Measure a model on the validation split of labelled reviews."""
    with command_line.readable_errors():
        reviews = data.read(paths, data.parse_keep(keep or []))
        chosen = data.split(reviews)[1] if rows == "validation" else reviews
        opened = open_model(model)
        metrics = measure(chosen.labels, opened.probabilities(chosen.texts))
    typer.echo(f"{opened.description}, {len(chosen):,} reviews")
    typer.echo(
        f"accuracy {metrics.accuracy:.4f}, weighted F1 {metrics.weighted_f1:.4f}, "
        f"bad versus good {metrics.bad_versus_good:.4f}\n"
    )
    typer.echo(confusion_table(metrics.confusion))


if __name__ == "__main__":
    command_line.run(main)
