"""Write the sample of labelled reviews that `make train` uses when it is given no data.

python training/make_sample.py
"""

from pathlib import Path
from typing import Annotated

import typer

from trainer import command_line, sample
from trainer.files import replace_text

SAMPLE = Path(__file__).resolve().parent / "sample" / "reviews.csv"


def main(
    rows: Annotated[
        int, typer.Option(min=3, max=sample.MOST_ROWS, help="How many reviews; a third a class.")
    ] = 3600,
    seed: Annotated[int, typer.Option(min=0, help="The same seed writes the same file.")] = 1,
    out: Annotated[Path, typer.Option(help="The CSV to write.", show_default=False)] = SAMPLE,
) -> None:
    """Write a sample of labelled reviews, made up by a grammar."""
    with command_line.readable_errors():
        replace_text(out, sample.as_csv(sample.make(rows, seed)))
    typer.echo(f"{out}: {rows:,} reviews")


if __name__ == "__main__":
    command_line.run(main)
