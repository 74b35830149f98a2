"""Score reviews with a model: from the command line, a file, or standard input.

python training/predict.py model-store/sentiment.mar "I love it"
python training/predict.py model-store/sentiment.mar < reviews.txt
"""

import json
import sys
from dataclasses import asdict
from typing import Annotated

import typer

from charcnn.scoring import judge
from trainer import command_line
from trainer.models import open_model


def main(
    model: Annotated[str, typer.Argument(help="A .mar, a checkpoint folder or an address.")],
    texts: Annotated[
        list[str] | None, typer.Argument(help="Reviews; none: one a line from standard input.")
    ] = None,
) -> None:
    """Score reviews and print one JSON object a line."""
    with command_line.readable_errors():
        opened = open_model(model)
        typer.echo(f"answers by: {opened.description}", err=True)
        reviews = texts or [line for line in sys.stdin.read().splitlines() if line.strip()]
        for text, row in zip(reviews, opened.probabilities(reviews), strict=True):
            typer.echo(json.dumps({"review": text, **asdict(judge(row))}, ensure_ascii=False))


if __name__ == "__main__":
    command_line.run(main)
