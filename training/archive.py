"""Turn a run into the `.mar` that TorchServe serves, with its model card beside it.

python training/archive.py runs/first
python training/archive.py runs/first --version 1.0 --out model-store/sentiment.mar
python training/archive.py runs/first --precision fp32 --comparison comparison.md
"""

import json
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from trainer import archive, checkpoint, command_line, progress
from trainer.archive import Measured, Precision
from trainer.card import Card, Origin, render
from trainer.checkpoint import Trained
from trainer.data.corpus import VALIDATION, Corpus
from trainer.errors import ArchiveError
from trainer.export import export
from trainer.files import replace_text

CHECKOUT = Path(__file__).resolve().parent.parent
MODEL_SERVER = CHECKOUT / "services" / "model_server"
MODEL_STORE = CHECKOUT / "model-store"


def target(out: Path | None, name: str) -> Path:
    """Return where the archive goes.

    Raises:
        ArchiveError: the card could not lie beside it under another name.
    """
    chosen = out or MODEL_STORE / f"{name}.mar"
    if chosen.suffix != ".mar":
        raise ArchiveError(f"an archive is called NAME.mar, not {chosen.name}")
    return chosen


def open_corpus(run: Path, digest: str) -> Corpus:
    """Return the reviews of the run.

    Raises:
        ArchiveError: they are others than those it was trained on, or none validates it.
    """
    corpus = Corpus.open(run / checkpoint.CORPUS)
    if corpus.digest != digest:
        raise ArchiveError(f"the reviews in {corpus.folder} are not those of the run")
    archive.require_validation(corpus)
    return corpus


def measure(trained: Trained, corpus: Corpus, folder: Path) -> dict[Precision, Measured]:
    """Write both graphs into `folder` and measure them on the validation reviews."""
    typer.echo("exporting and calibrating …", err=True)
    graphs = export(trained, folder, archive.calibration_texts(corpus))
    with progress.bar("measuring", 2 * len(corpus.rows(VALIDATION))) as on_reviews:
        return {
            "int8": archive.measure_graph(graphs.int8, corpus, on_reviews),
            "fp32": archive.measure_graph(graphs.fp32, corpus, on_reviews),
        }


def origin(facts: dict[str, Any], network: str, run: Path, out: Path) -> Origin:
    """Return where the model comes from; `facts` are what its run left."""
    places = [from_checkout(out), "--run", from_checkout(run)]
    return Origin(
        code_revision=facts["code_revision"],
        network=network,
        parameters=facts["parameters"],
        training_command=facts["command"],
        archiving_command=command_line.typed(sys.argv),
        evaluation_command=command_line.typed(["evaluate.py", *places]),
    )


def from_checkout(path: Path) -> str:
    """Return `path` as typed from the checkout, or its name where it lies elsewhere."""
    whole = path.resolve()
    return str(whole.relative_to(CHECKOUT)) if whole.is_relative_to(CHECKOUT) else path.name


def main(
    run: Annotated[Path, typer.Argument(help="The folder of a run that has ended.")],
    version: Annotated[
        str | None,
        typer.Option(help="What every answer will carry.", show_default="date and time"),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The archive.", show_default="model-store/NAME.mar")
    ] = None,
    precision: Annotated[
        Literal["auto", "int8", "fp32"],
        typer.Option(help="auto: int8 unless it loses more than 0.005 of weighted F1."),
    ] = "auto",
    comparison: Annotated[
        Path | None, typer.Option(help="Markdown for the card: the model against baselines.")
    ] = None,
) -> None:
    """Turn a run into the `.mar` that TorchServe serves, with its model card.

    Both precisions are measured on the run's own validation reviews.
    """
    now = datetime.now(UTC)
    version = version or f"{now:%Y%m%d-%H%M%S}"
    archive.require_version(version)
    config, facts = checkpoint.load_config(run), checkpoint.load_run(run)
    path = target(out, config.run.name)
    baselines = comparison.read_text(encoding="utf-8") if comparison else None
    trained, corpus = checkpoint.load(run), open_corpus(run, facts["data_sha256"])
    with tempfile.TemporaryDirectory() as folder:
        measured = measure(trained, corpus, Path(folder))
        choice = archive.choose_precision(measured, precision)
        parts = [MODEL_SERVER / "handler.py", MODEL_SERVER / "model-config.yaml"]
        graph = measured[choice.precision].graph
        archive.pack(graph, config.run.name, version, *parts, target=path)
    card = Card(
        version=version,
        created=now.date().isoformat(),
        choice=choice,
        megabytes=path.stat().st_size / 1e6,
        measured=measured,
        config=config,
        interface=trained.interface,
        corpus=corpus,
        origin=origin(facts, trained.name, run, path),
        comparison=baselines,
    )
    replace_text(path.with_suffix(".json"), json.dumps(card.as_dict(), indent=2) + "\n")
    replace_text(path.with_suffix(".md"), render(card))
    shipped = f"version {version}, {choice.precision}, {card.megabytes:.2f} MB"
    typer.echo(f"{path}: {shipped}; {choice.reason}")


if __name__ == "__main__":
    command_line.run(main)
