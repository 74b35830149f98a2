"""Put the figures of several models into one table, for people and for the model card.

python training/compare.py words=runs/words.json TF-IDF=runs/baseline.json > comparison.md
python training/compare.py words=a.json words=b.json words=c.json
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from charcnn.scoring import LABELS
from trainer import command_line
from trainer.errors import ConfigError
from trainer.markdown import table

KEYS = ("accuracy", "balanced_accuracy", "weighted_f1")
HEAD = (
    "model",
    "accuracy",
    "balanced",
    "weighted F1",
    *(f"F1 {name}" for name in LABELS),
    "bad or good",
)


def read(pairs: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Return the figures of each model by its name; several files of one are several draws.

    Raises:
        ConfigError: a pair is not NAME=FILE.
    """
    figures: dict[str, list[dict[str, Any]]] = {}
    for pair in pairs:
        name, equals, file = pair.partition("=")
        if not equals:
            raise ConfigError(f"give NAME=FILE, not {pair!r}")
        figures.setdefault(name, []).append(json.loads(Path(file).read_text(encoding="utf-8")))
    return figures


def row(name: str, draws: Sequence[dict[str, Any]]) -> list[str]:
    """Return a line of the table: the mean over the draws, and how far they scatter."""
    found = [draw["metrics"] for draw in draws]
    cells = [
        *(_mean([one[key] for one in found]) for key in KEYS),
        *(_mean([one["classes"][label]["f1"] for one in found]) for label in LABELS),
        _mean([one["bad_versus_good"] for one in found]),
    ]
    return [name, *cells]


def _mean(values: Sequence[float]) -> str:
    if len(values) == 1:
        return f"{values[0]:.4f}"
    return f"{np.mean(values):.4f} ± {np.std(values, ddof=1):.4f}"


def main(
    pairs: Annotated[list[str], typer.Argument(help="NAME=FILE that evaluate.py --json wrote.")],
) -> None:
    """Put the figures of several models into one table."""
    typer.echo(table(HEAD, [row(name, draws) for name, draws in read(pairs).items()]))


if __name__ == "__main__":
    command_line.run(main)
