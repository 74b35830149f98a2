"""Turn a checkpoint into the `.mar` that TorchServe serves, with its model card.

python training/archive.py runs/first --version 1.0 --out model-store/sentiment.mar
"""

import json
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from charcnn.inference import Classifier
from trainer import checkpoint, command_line, data
from trainer.archive import ArchiveError, Choice, choose_precision, pack
from trainer.card import render
from trainer.export import Precisions, export
from trainer.files import replace_text
from trainer.metrics import measure
from trainer.models import classify_all

MODEL_SERVER = Path(__file__).resolve().parent.parent / "services" / "model_server"
CALIBRATION_REVIEWS = 512


def calibration_texts(training: data.Reviews) -> list[str]:
    """Return reviews spread evenly over the training data."""
    step = max(1, len(training) // CALIBRATION_REVIEWS)
    return training.texts[::step][:CALIBRATION_REVIEWS]


def milliseconds_a_review(graph: Path, texts: list[str]) -> float:
    """Return the mean time of one review alone, on one thread."""
    classifier = Classifier(graph)
    classifier.probabilities(texts[:1])
    start = time.perf_counter()
    for text in texts:
        classifier.probabilities([text])
    return (time.perf_counter() - start) / len(texts) * 1000


def by_file(choice: Choice, validation: data.Reviews) -> dict[str, dict[str, object]]:
    """Return the shipped graph's metrics on each file's validation reviews."""
    probabilities = classify_all(Classifier(choice.graph), validation.texts)
    parts = {
        name: [row for row, file in enumerate(validation.files) if file == name]
        for name in sorted(set(validation.files))
    }
    return {
        name: measure(validation.labels[rows], probabilities[rows]).as_dict()
        for name, rows in parts.items()
    }


def rows_by_file(training: data.Reviews, validation: data.Reviews) -> dict[str, dict[str, int]]:
    """Return how many rows of each file are on which side."""
    return {
        name: {"training": training.files.count(name), "validation": validation.files.count(name)}
        for name in sorted(set(training.files))
    }


def gather_card(
    run: dict[str, Any],
    version: str,
    choice: Choice,
    graphs: Precisions,
    training: data.Reviews,
    validation: data.Reviews,
) -> dict[str, Any]:
    """Return every figure of the model card."""
    paths = {"int8": graphs.int8, "fp32": graphs.fp32}
    return {
        "version": version,
        "created": datetime.now(UTC).date().isoformat(),
        "code_revision": run["code_revision"],
        "data_sha256": run["data_sha256"],
        "parameters": run["parameters"],
        "precision": choice.precision,
        "rows": rows_by_file(training, validation),
        "metrics": {name: metrics.as_dict() for name, metrics in choice.metrics.items()},
        "by_file": by_file(choice, validation),
        "milliseconds": {
            name: milliseconds_a_review(path, validation.texts[:200])
            for name, path in paths.items()
        },
        "graph_megabytes": {name: path.stat().st_size / 1e6 for name, path in paths.items()},
        "training_command": run["command"],
        "archiving_command": command_line.typed(sys.argv),
        "evaluation_command": "python training/evaluate.py model-store/sentiment.mar "
        + command_line.data_options(run["data"], run["keep"]),
    }


def main(
    checkpoint_folder: Annotated[Path, typer.Argument(help="Folder that train.py wrote.")],
    paths: Annotated[list[Path], typer.Option("--data", help="The data it was trained on.")],
    version: Annotated[str, typer.Option(help="Version that every answer will carry.")],
    out: Annotated[Path, typer.Option(help="The archive to write.")],
    precision: Annotated[
        Literal["auto", "int8", "fp32"], typer.Option(help="auto: int8 unless it loses too much.")
    ] = "auto",
) -> None:
    """Turn a checkpoint into the `.mar` that TorchServe serves, with its model card."""
    with command_line.readable_errors(), tempfile.TemporaryDirectory() as folder:
        run = checkpoint.load_run(checkpoint_folder)
        reviews = data.read(paths, data.parse_keep(run["keep"]))
        if data.digest(reviews) != run["data_sha256"]:
            raise ArchiveError("this is not the data that the checkpoint was trained on")
        training, validation = data.split(reviews)
        network = checkpoint.load(checkpoint_folder)
        typer.echo("exporting and calibrating …")
        graphs = export(network, Path(folder), calibration_texts(training))
        choice = choose_precision(graphs, validation, precision)
        typer.echo("measuring …")
        card = gather_card(run, version, choice, graphs, training, validation)
        sources = [MODEL_SERVER / "handler.py", MODEL_SERVER / "model-config.yaml"]
        pack(choice.graph, version, *sources, target=out)
        card["megabytes"] = out.stat().st_size / 1e6
        replace_text(out.with_suffix(".json"), json.dumps(card, indent=2) + "\n")
        replace_text(out.with_suffix(".md"), render(card))
    shipped = choice.metrics[choice.precision]
    typer.echo(
        f"{out}: {choice.precision}, {card['megabytes']:.1f} MB, validation accuracy "
        f"{shipped.accuracy:.4f}, weighted F1 {shipped.weighted_f1:.4f} "
        f"(fp32 {choice.metrics['fp32'].weighted_f1:.4f})"
    )


if __name__ == "__main__":
    command_line.run(main)
