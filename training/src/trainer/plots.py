"""Pictures of a run: how it learnt, and what it takes for what."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from trainer.files import replace_file

DOTS_AN_INCH = 120


def draw_learning_curves(records: Sequence[dict[str, Any]], path: Path) -> None:
    """Draw loss against steps, and what was measured after each epoch."""
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    batches = [record for record in records if record["kind"] == "batch"]
    epochs = [record for record in records if record["kind"] == "epoch"]
    left.plot(*_series(batches, "step", "loss"), alpha=0.4, label="batch")
    left.plot(*_series(epochs, "step", "loss"), marker="o", label="mean of the epoch")
    left.set(xlabel="step", ylabel="training loss")
    for name in ("accuracy", "balanced_accuracy", "weighted_f1"):
        right.plot(*_series(epochs, "epoch", name), marker="o", label=name.replace("_", " "))
    right.set(xlabel="epoch", ylabel="on the validation reviews")
    for axes in (left, right):
        axes.grid(alpha=0.3)
        axes.legend()
    _save(figure, path)


def draw_confusion(matrix: Sequence[Sequence[int]], labels: Sequence[str], path: Path) -> None:
    """Draw the confusion matrix: a row a true class, shaded by its share of the row."""
    figure = Figure(figsize=(4.4, 4), layout="constrained")
    axes = figure.subplots()
    shares = [[count / max(1, sum(row)) for count in row] for row in matrix]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, counts in enumerate(matrix):
        for column, count in enumerate(counts):
            dark = shares[row][column] > 0.5  # noqa: PLR2004  # Half: white is read from here on.
            colour = "white" if dark else "black"
            text = f"{count:,}\n{shares[row][column]:.0%}"
            axes.text(column, row, text, ha="center", va="center", color=colour)
    axes.set_xticks(range(len(labels)), labels)
    axes.set_yticks(range(len(labels)), labels)
    axes.set(xlabel="called", ylabel="true class")
    _save(figure, path)


def draw_rate_finder(rates: Sequence[float], losses: Sequence[float], path: Path) -> None:
    """Draw the loss against the learning rate."""
    figure = Figure(figsize=(5.4, 3.6), layout="constrained")
    axes = figure.subplots()
    axes.plot(rates, losses)
    axes.set(xscale="log", xlabel="learning rate", ylabel="loss, smoothed")
    axes.grid(alpha=0.3)
    _save(figure, path)


def _series(records: Sequence[dict[str, Any]], x: str, y: str) -> tuple[list[float], list[float]]:
    kept = [record for record in records if y in record]
    return [record[x] for record in kept], [record[y] for record in kept]


def _save(figure: Figure, path: Path) -> None:
    with replace_file(path) as beside:
        figure.savefig(beside, format="png", dpi=DOTS_AN_INCH)
