"""Checkpoint to `.mar`: choose the precision by measurement, then pack.

The archive holds the graph, TorchServe's handler and configuration, and a copy of
the `charcnn` package, byte for byte.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import charcnn
from charcnn.inference import Classifier, Probabilities
from trainer.data.corpus import TRAINING, VALIDATION, Corpus
from trainer.errors import ArchiveError
from trainer.evaluation import Evaluation, OnReviews, answer, evaluate
from trainer.files import replace_file
from trainer.models import ArchivedModel

WORST_LOSS = 0.005
"""How much weighted F1 int8 may lose against fp32 on the validation reviews."""

CALIBRATION_REVIEWS = 512
TIMED_REVIEWS = 200

VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
"""What may stand in an address, where TorchServe has the version."""

Precision = Literal["int8", "fp32"]


@dataclass(frozen=True)
class Measured:
    """What was measured of a graph; `milliseconds` are for one review alone, on one thread."""

    graph: Path
    megabytes: float
    milliseconds: float
    evaluation: Evaluation
    probabilities: Probabilities
    """The answers to the validation reviews."""

    @property
    def weighted_f1(self) -> float:
        """What the precision is chosen by."""
        return self.evaluation.metrics.weighted_f1


@dataclass(frozen=True)
class Choice:
    """The precision to ship, and why, in words."""

    precision: Precision
    reason: str


def require_validation(corpus: Corpus) -> None:
    """Refuse a run without validation reviews.

    Raises:
        ArchiveError: there are none.
    """
    if not len(corpus.rows(VALIDATION)):
        raise ArchiveError(
            "the run has no validation reviews, so that int8 cannot be measured against fp32: "
            "train it again with --validation 0.1, or with --hold-out COLUMN=VALUE"
        )


def require_version(version: str) -> None:
    """Refuse a version that cannot be part of an address.

    Raises:
        ArchiveError: it cannot.
    """
    if not VERSION.fullmatch(version):
        raise ArchiveError(f"a version has letters, digits, '.', '_' and '-', not {version!r}")


def calibration_texts(corpus: Corpus) -> list[str]:
    """Return reviews spread evenly over those that the run was trained on."""
    rows = corpus.rows(TRAINING)
    step = max(1, len(rows) // CALIBRATION_REVIEWS)
    return corpus.texts_at(rows[::step][:CALIBRATION_REVIEWS])


def measure_graph(graph: Path, corpus: Corpus, on_reviews: OnReviews) -> Measured:
    """Measure `graph` on the validation reviews."""
    classifier, rows = Classifier(graph), corpus.rows(VALIDATION)
    probabilities = answer(ArchivedModel(classifier, graph.stem), corpus, rows, on_reviews)
    timed = corpus.texts_at(rows[:: max(1, len(rows) // TIMED_REVIEWS)][:TIMED_REVIEWS])
    return Measured(
        graph,
        graph.stat().st_size / 1e6,
        milliseconds_a_review(classifier, timed),
        evaluate(corpus, rows, probabilities),
        probabilities,
    )


def milliseconds_a_review(classifier: Classifier, texts: Sequence[str]) -> float:
    """Return the mean time of one review alone, on one thread."""
    classifier.probabilities(texts[:1])
    start = time.perf_counter()
    for text in texts:
        classifier.probabilities([text])
    return (time.perf_counter() - start) / len(texts) * 1000


def agreement(measured: Mapping[Precision, Measured]) -> float:
    """Return on what share of the validation reviews int8 and fp32 name the same class."""
    named = [measured[one].probabilities.argmax(axis=1) for one in ("int8", "fp32")]
    return float((named[0] == named[1]).mean())


def choose_precision(
    measured: Mapping[Precision, Measured], wanted: Literal["auto", "int8", "fp32"]
) -> Choice:
    """Return which graph to ship: `auto` takes int8 unless it loses more than `WORST_LOSS`.

    Raises:
        ArchiveError: int8 was demanded and loses too much.
    """
    int8, fp32 = measured["int8"].weighted_f1, measured["fp32"].weighted_f1
    reviews = measured["fp32"].evaluation.metrics.reviews
    found = (
        f"weighted F1 on {reviews:,} validation reviews is {int8:.4f} in int8 "
        f"and {fp32:.4f} in fp32"
    )
    too_much = fp32 - int8 > WORST_LOSS
    if too_much:
        found += f", a loss of {fp32 - int8:.4f} where {WORST_LOSS} is allowed"
    if wanted == "int8" and too_much:
        raise ArchiveError(f"int8 is refused: {found}; use --precision auto or fp32")
    if wanted == "auto":
        return Choice("fp32" if too_much else "int8", found)
    return Choice(wanted, found)


def pack(graph: Path, name: str, version: str, handler: Path, config: Path, target: Path) -> None:
    """Write the `.mar` of the model `name` to `target`, whole or not at all.

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
        options: dict[str, str | Path] = {
            "--model-name": name,
            "--version": version,
            "--serialized-file": graph,
            "--handler": handler,
            "--config-file": config,
            "--extra-files": content,
            "--export-path": out,
        }
        _run_archiver(options, out)
        with replace_file(target) as beside:
            shutil.copyfile(out / f"{name}.mar", beside)


def _run_archiver(options: Mapping[str, str | Path], temporary: Path) -> None:
    program = Path(sys.executable).with_name("torch-model-archiver")
    words = [str(word) for option in options.items() for word in option]
    # The archiver works in a folder named after the model; its own TMPDIR keeps two apart.
    environment = {**os.environ, "TMPDIR": str(temporary)}
    result = subprocess.run(
        [str(program), *words], capture_output=True, text=True, check=False, env=environment
    )
    if result.returncode != 0:
        raise ArchiveError(f"torch-model-archiver failed: {result.stderr.strip()[-500:]}")
