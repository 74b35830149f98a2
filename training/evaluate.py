"""Measure a model on labelled reviews: those of a run, or any others.

python training/evaluate.py runs/first
python training/evaluate.py model-store/sentiment.mar --run runs/first --json figures.json
python training/evaluate.py model-store/sentiment.mar --data reviews.csv --label-column stars
python training/evaluate.py http://127.0.0.1:8080 --data reviews.parquet --keep site=example.com
python training/evaluate.py runs/first --mixture 25 --mixture 8 --mixture 67
"""

import inspect
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import typer
from numpy.typing import NDArray

from trainer import checkpoint, command_line, config, evaluation_page, mixture, progress
from trainer.data.corpus import TRAINING, VALIDATION, Corpus
from trainer.data.prepare import prepare
from trainer.errors import EvaluationError
from trainer.evaluation import answer, evaluate
from trainer.files import replace_text
from trainer.models import open_model
from trainer.options import as_sections, with_config_options

Rows = Literal["validation", "training", "all"]

SECTIONS = (config.DataConfig, config.SplitConfig)
DRAWING = {"weight", "weight_column"}
OPTIONS = {field.name for section in SECTIONS for field in fields(section)} - DRAWING
"""The options of a run that also say which reviews to measure on."""


@dataclass(frozen=True)
class Choice:
    """Which reviews to measure on: a run's own, or those of files."""

    run: Path | None
    data: config.DataConfig
    split: config.SplitConfig
    rows: Rows
    source: str | None
    balanced: bool

    @property
    def words(self) -> str:
        """The choice, for people."""
        place = f"the run {self.run.name}" if self.run else ", ".join(self.data.data)
        parts = [f"{self.rows} rows of {place}", self.source or ""]
        parts += ["as many of each class"] if self.balanced else []
        return ", ".join(filter(None, parts))

    def open(self, folder: Path) -> Corpus:
        """Return the reviews, prepared in `folder` where they are not a run's."""
        if self.run:
            return Corpus.open(self.run / checkpoint.CORPUS)
        whole = config.SplitConfig(validation=0, near_duplicates=False)
        split = whole if self.rows == "all" else self.split
        with progress.counter("rows read") as on_rows:
            return prepare(self.data, split, folder, on_rows, all_classes=False)

    def of(self, corpus: Corpus) -> NDArray[np.int64]:
        """Return the rows to measure on."""
        sides = {"validation": [VALIDATION], "training": [TRAINING], "all": [TRAINING, VALIDATION]}
        chosen = corpus.rows_of(sides[self.rows], self.source)
        return corpus.balanced(chosen) if self.balanced else chosen


def choose(
    model: str,
    run: Path | None,
    rows: Rows | None,
    options: dict[str, Any],
    *,
    source: str | None,
    balanced: bool,
) -> Choice:
    """Return which reviews are meant.

    Raises:
        EvaluationError: the options name none, or two places.
    """
    given = as_sections(options)
    chosen = config.make(given)
    if chosen.data.data and run:
        raise EvaluationError("give --data or --run, not both")
    if chosen.data.data:
        split = "validation" if given["split"] else "all"
        return Choice(None, chosen.data, chosen.split, rows or split, source, balanced)
    if given["data"] or given["split"]:
        raise EvaluationError("options of the data and of the split need --data")
    own = Path(model) if (Path(model) / checkpoint.CORPUS).is_dir() else None
    if not run and not own:
        raise EvaluationError("name the reviews to measure on with --data or --run")
    return Choice(run or own, chosen.data, chosen.split, rows or "validation", source, balanced)


def with_data_options(main: Callable[..., None]) -> Callable[..., None]:
    """Return `main` with the options that say which reviews to measure on."""
    command = with_config_options(main)
    names = {*OPTIONS, *inspect.signature(main).parameters}
    signature = inspect.signature(command)
    kept = [one for one in signature.parameters.values() if one.name in names]
    command.__signature__ = signature.replace(parameters=kept)  # type: ignore[attr-defined]  # A function; typer reads this of it.
    return command


@with_data_options
def main(
    model: Annotated[str, typer.Argument(help="A .mar, the folder of a run or an address.")],
    *,
    run: Annotated[
        Path | None,
        typer.Option(
            help="The run whose reviews to measure on; without --data, MODEL if it is one."
        ),
    ] = None,
    rows: Annotated[
        Rows | None,
        typer.Option(
            help="Which rows of them.",
            show_default="validation of a run or where an option splits the data, else all",
        ),
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="Measure on the reviews of this source alone.")
    ] = None,
    balanced: Annotated[
        bool, typer.Option("--balanced", help="Measure on as many reviews of each class.")
    ] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write all figures to this file, too.")
    ] = None,
    shares: mixture.Option = None,
    **options: Any,  # noqa: ANN401  # See trainer.config.
) -> None:
    """Measure a model on labelled reviews.

    Where model and data tell different classes apart, only those that both know are compared.
    """
    choice = choose(model, run, rows, options, source=source, balanced=balanced)
    opened, expected = open_model(model), mixture.shares_of(shares)
    asked = f"{choice.words}{mixture.noted(expected)}"
    with tempfile.TemporaryDirectory() as folder:
        corpus = choice.open(Path(folder) / "corpus")
        chosen = choice.of(corpus)
        with progress.bar("answering", len(chosen)) as on_reviews:
            answers = answer(opened, corpus, chosen, on_reviews)
            evaluation = evaluate(corpus, chosen, mixture.adjust(answers, expected))
    typer.echo(f"model: {opened.description}\ndata: {asked}")
    typer.echo(f"compared: {evaluation_page.compared(evaluation)}\n")
    typer.echo(evaluation_page.render(evaluation))
    if json_file:
        facts = {"model": opened.description, "data": asked, **evaluation.as_dict()}
        replace_text(json_file, json.dumps(facts, indent=2) + "\n")


if __name__ == "__main__":
    command_line.run(main)
