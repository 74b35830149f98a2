"""Checkpoint to `.mar`: choose the precision by measurement, then pack.

The archive holds the graph, TorchServe's handler and configuration, and a copy of
the `charcnn` package, byte for byte.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import charcnn
from charcnn.inference import Classifier
from trainer.data import Reviews
from trainer.export import Precisions
from trainer.files import replace_file
from trainer.metrics import Metrics, measure
from trainer.models import classify_all

MODEL = "sentiment"
WORST_LOSS = 0.005
"""How much weighted F1 int8 may lose against fp32 on the validation reviews."""

Precision = Literal["int8", "fp32"]


class ArchiveError(RuntimeError):
    """No archive was made; the message says why."""


@dataclass(frozen=True)
class Choice:
    """The graph to ship and the measurements that chose it."""

    precision: Precision
    graph: Path
    metrics: dict[Precision, Metrics]


def choose_precision(
    graphs: Precisions, validation: Reviews, wanted: Literal["auto", "int8", "fp32"]
) -> Choice:
    """Measure both graphs; `auto` takes int8 unless it loses more than `WORST_LOSS`.

    Raises:
        ArchiveError: int8 was demanded and loses too much.
    """
    paths: dict[Precision, Path] = {"int8": graphs.int8, "fp32": graphs.fp32}
    metrics = {
        name: measure(validation.labels, classify_all(Classifier(path), validation.texts))
        for name, path in paths.items()
    }
    loss = metrics["fp32"].weighted_f1 - metrics["int8"].weighted_f1
    if wanted == "int8" and loss > WORST_LOSS:
        raise ArchiveError(
            f"int8 loses {loss:.4f} of weighted F1 against fp32 on {len(validation)} validation "
            f"reviews, more than the {WORST_LOSS} allowed: use --precision auto or fp32"
        )
    fits: Precision = "int8" if loss <= WORST_LOSS else "fp32"
    precision = fits if wanted == "auto" else wanted
    return Choice(precision, paths[precision], metrics)


def pack(graph: Path, version: str, handler: Path, config: Path, target: Path) -> None:
    """Write the `.mar` to `target`, whole or not at all.

    Raises:
        ArchiveError: the archiver failed; the message has its words.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        content, out = Path(folder) / "content", Path(folder) / "out"
        out.mkdir()
        # The archiver flattens a folder of extra files, so it gets the package's parent.
        shutil.copytree(
            Path(charcnn.__file__).parent,
            content / "charcnn",
            ignore=shutil.ignore_patterns("__pycache__"),
        )
        _run_archiver(graph, version, handler, config, content, out)
        with replace_file(target) as beside:
            shutil.copyfile(out / f"{MODEL}.mar", beside)


def _run_archiver(
    graph: Path, version: str, handler: Path, config: Path, content: Path, out: Path
) -> None:
    program = Path(sys.executable).with_name("torch-model-archiver")
    command = [str(program), "--model-name", MODEL, "--version", version]
    command += ["--export-path", str(out), "--serialized-file", str(graph)]
    command += ["--handler", str(handler), "--config-file", str(config)]
    command += ["--extra-files", str(content)]
    # The archiver works in a folder named after the model; its own TMPDIR keeps two apart.
    environment = {**os.environ, "TMPDIR": str(out)}
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if result.returncode != 0:
        raise ArchiveError(f"torch-model-archiver failed: {result.stderr.strip()[-500:]}")
