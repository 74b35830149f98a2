"""From a run's folder to an archive and its card, in the steps that `archive.py` is made of."""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import typer

from trainer import archive, checkpoint, progress
from trainer.archive import Measured, Precision
from trainer.card import Card, Origin, render
from trainer.checkpoint import Trained
from trainer.data.corpus import VALIDATION, Corpus
from trainer.errors import ArchiveError
from trainer.export import export
from trainer.files import replace_text
from trainer.mixture import Shares, told

Wanted = Literal["auto", "int8", "fp32"]


@dataclass(frozen=True)
class Order:
    """What to make: the archive's version and path, and what its card says of its making."""

    version: str
    path: Path
    handler: Path
    """The folder of TorchServe's handler and configuration."""
    precision: Wanted
    archiving_command: str
    evaluation_command: str
    comparison: str | None = None
    mixture: Shares | None = None
    """The mixture of classes that its answers shall expect."""


def make(run: Path, order: Order) -> str:
    """Turn the run into an archive with a card beside it; return in a line what was shipped.

    Raises:
        ArchiveError: the run has other reviews now, or the archive cannot be made.
        CheckpointError: the run has not ended.
        ConfigError: the run has learnt a mixture of its own.
    """
    archive.require_version(order.version)
    config, facts = checkpoint.load_config(run), checkpoint.load_run(run)
    trained = told(checkpoint.load(run), order.mixture, config.loss)
    corpus = _open_corpus(run, facts["data_sha256"])
    with tempfile.TemporaryDirectory() as folder:
        measured = _measure(trained, corpus, Path(folder))
        choice = archive.choose_precision(measured, order.precision)
        graph = measured[choice.precision].graph
        handler, served = order.handler / "handler.py", order.handler / "model-config.yaml"
        archive.pack(graph, config.run.name, order.version, handler, served, order.path)
    card = Card(
        version=order.version,
        created=datetime.now(UTC).date().isoformat(),
        choice=choice,
        megabytes=order.path.stat().st_size / 1e6,
        measured=measured,
        config=config,
        interface=trained.interface,
        corpus=corpus,
        origin=_origin(facts, trained.name, order),
        comparison=order.comparison,
        mixture=order.mixture,
    )
    replace_text(order.path.with_suffix(".json"), json.dumps(card.as_dict(), indent=2) + "\n")
    replace_text(order.path.with_suffix(".md"), render(card))
    shipped = f"version {order.version}, {choice.precision}, {card.megabytes:.2f} MB"
    return f"{shipped}; {choice.reason}"


def _open_corpus(run: Path, digest: str) -> Corpus:
    """Return the reviews of the run.

    Raises:
        ArchiveError: they are others than those it was trained on, or none validates it.
    """
    corpus = Corpus.open(run / checkpoint.CORPUS)
    if corpus.digest != digest:
        raise ArchiveError(f"the reviews in {corpus.folder} are not those of the run")
    archive.require_validation(corpus)
    return corpus


def _measure(trained: Trained, corpus: Corpus, folder: Path) -> dict[Precision, Measured]:
    """Write both graphs into `folder` and measure them on the validation reviews."""
    typer.echo("exporting and calibrating …", err=True)
    graphs = export(trained, folder, archive.calibration_texts(corpus))
    with progress.bar("measuring", 2 * len(corpus.rows(VALIDATION))) as on_reviews:
        return {
            "int8": archive.measure_graph(graphs.int8, corpus, on_reviews),
            "fp32": archive.measure_graph(graphs.fp32, corpus, on_reviews),
        }


def _origin(facts: Mapping[str, Any], network: str, order: Order) -> Origin:
    """Return where the model comes from; `facts` are what its run left."""
    return Origin(
        code_revision=facts["code_revision"],
        network=network,
        parameters=facts["parameters"],
        training_command=facts["command"],
        archiving_command=order.archiving_command,
        evaluation_command=order.evaluation_command,
    )
