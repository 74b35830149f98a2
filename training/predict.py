"""Score reviews with a model: from the command line, a file, or standard input.

python training/predict.py model-store/sentiment.mar "I love it"
python training/predict.py runs/first --file reviews.csv --text-column comment
python training/predict.py http://127.0.0.1:8080 < reviews.txt
"""

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from charcnn.scoring import judge
from trainer import command_line, texts
from trainer.config import DataConfig
from trainer.models import Model, in_chunks, open_model


def chosen_reviews(
    given: list[str] | None, file: str | None, column: str, encoding: str
) -> Iterable[str]:
    """Return the reviews to score, from the one place that is named."""
    if given and file:
        raise typer.BadParameter("give reviews or --file, not both")
    if given:
        return given
    if file:
        return texts.from_file(file, column, encoding)
    return texts.from_lines(sys.stdin.buffer, encoding)


def as_json(model: Model, chunk: Sequence[str]) -> str:
    """Return a line with a JSON object for every review."""
    rows = zip(chunk, model.probabilities(chunk), strict=True)
    answers = ({"review": text, **asdict(judge(row))} for text, row in rows)
    return "\n".join(json.dumps(answer, ensure_ascii=False) for answer in answers)


def main(
    model: Annotated[str, typer.Argument(help="A .mar, the folder of a run or an address.")],
    reviews: Annotated[
        list[str] | None, typer.Argument(help="Reviews; without: one a line of standard input.")
    ] = None,
    file: Annotated[
        str | None,
        typer.Option(help="Take the reviews from it: one a line, or CSV, TSV, NDJSON or Parquet."),
    ] = None,
    text_column: Annotated[
        str, typer.Option(help="The column of a table with the review.")
    ] = DataConfig.text_column,
    encoding: Annotated[
        str, typer.Option(help="Of the file or of standard input.")
    ] = DataConfig.encoding,
) -> None:
    """Score reviews and print one JSON object a line; blank lines are passed over.

    A .mar answers as TorchServe does, a run in fp32; stderr says what is answering.
    """
    chosen = chosen_reviews(reviews, file, text_column, encoding)
    opened = open_model(model)
    for number, chunk in enumerate(in_chunks(chosen)):
        lines = as_json(opened, chunk)
        if not number:
            typer.echo(f"answers by: {opened.description}", err=True)
        typer.echo(lines)


if __name__ == "__main__":
    command_line.run(main)
