"""Judge whether a model may go live: alone, and beside the one in production.

python training/gate.py runs/first/sentiment.mar
python training/gate.py runs/first/sentiment.mar --against model-store/sentiment.mar
python training/gate.py new.mar --against old.mar --recent recent.ndjson --report gate.json
"""

import json
from pathlib import Path
from typing import Annotated

import typer

from trainer import command_line
from trainer.files import replace_text
from trainer.gate import labelled
from trainer.gate.judge import Exam, judge
from trainer.gate.report import render

GOLDEN = Path(__file__).resolve().parent / "golden"


def main(
    candidate: Annotated[Path, typer.Argument(help="The .mar, with its card (.json) beside it.")],
    against: Annotated[
        Path | None, typer.Option(help="The .mar in production; without, only floors are checked.")
    ] = None,
    recent: Annotated[
        str | None,
        typer.Option(
            help="Recent labelled reviews that neither model was trained on: a file, or "
            "http://HOST/api/training-data (with TRAINING_TOKEN)."
        ),
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Write the report as JSON, too.")] = None,
    golden: Annotated[
        Path, typer.Option(help="Folder of the golden set.", show_default="training/golden")
    ] = GOLDEN,
) -> None:
    """Judge whether a model may go live; exit code 0 when it may, 1 when not, 2 on a mistake."""
    exam = Exam.of(golden, labelled.read("recent", recent) if recent else None)
    found = judge(candidate, against, exam)
    if report:
        replace_text(report, json.dumps(found.as_dict(), indent=2) + "\n")
    typer.echo(render(found))
    if found.verdict == "fail":
        raise SystemExit(1)


if __name__ == "__main__":
    command_line.run(main)
