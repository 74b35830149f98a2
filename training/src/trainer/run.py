"""A run from its options to its report: what happens before and after the loop."""

import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import torch

from charcnn.inference import Interface, Probabilities, spread
from charcnn.network import configure
from trainer import (
    archived_weights,
    checkpoint,
    config,
    evaluation,
    parallel,
    plots,
    records,
    state,
)
from trainer.batches import Shard
from trainer.checkpoint import CORPUS, Trained
from trainer.config import TrainConfig
from trainer.data import api_export
from trainer.data.corpus import TRAINING, VALIDATION, Corpus
from trainer.data.prepare import prepare
from trainer.device import Compute
from trainer.errors import ConfigError
from trainer.evaluation_page import compared, render
from trainer.files import replace_text
from trainer.interruption import Request
from trainer.loop import Listener, Training
from trainer.rate_finder import Finding, find
from trainer.teacher import Teacher

REPORT = "report.md"
CURVES = "learning_curves.png"
CONFUSION = "confusion_matrix.png"


def choose_config(folder: Path, values: dict[str, Any], *, resume: bool) -> TrainConfig:
    """Return the options of the run in `folder`: those given, or to resume it, its own.

    Raises:
        ConfigError: the options contradict each other or those of the run that is there.
    """
    there = (folder / checkpoint.CONFIG).is_file()
    if there and not resume:
        raise ConfigError(f"there is a run in {folder}: add --resume, or choose another --out")
    given = any(values.values())
    if not there or given:
        chosen = config.make(values)
    if not there and not chosen.data.data:
        raise ConfigError("name --data, or try the sample: --config training/sample/train.toml")
    if not there:
        return chosen
    saved = checkpoint.load_config(folder)
    if given and (chosen := _as_of(saved, chosen)) != saved:
        changed = ", ".join(_differences(config.as_values(chosen), config.as_values(saved)))
        raise ConfigError(f"the run in {folder} has other options ({changed}): leave them out")
    return saved


def _as_of(saved: TrainConfig, chosen: TrainConfig) -> TrainConfig:
    """Return `chosen` with the moments that `saved` has its exports of, where it names none."""
    fixed = {api_export.of_any_moment(address): address for address in saved.data.data}
    return _with_addresses(chosen, lambda address: fixed.get(address, address))


def _with_addresses(chosen: TrainConfig, change: Callable[[str], str]) -> TrainConfig:
    addresses = tuple(change(address) for address in chosen.data.data)
    return replace(chosen, data=replace(chosen.data, data=addresses))


def _differences(one: dict[str, Any], other: dict[str, Any]) -> Iterator[str]:
    for section, values in one.items():
        yield from (name for name in values if values[name] != other[section][name])


def make_network(chosen: TrainConfig) -> Trained:
    """Return a fresh network, or one with the weights that the run starts from."""
    options, reading = chosen.network, chosen.text.reading
    torch.manual_seed(chosen.run.seed)
    network = configure(options.network, reading, len(chosen.data.labels), options.dropout).build()
    sizes = network.config
    interface = Interface(reading, chosen.data.labels, sizes.unit, sizes.step)
    if options.start_from:
        before = _before(Path(options.start_from), options.network)
        if (before.name, before.interface) != (options.network, interface):
            raise ConfigError(
                f"--start-from {options.start_from} has another network or reads in another way"
            )
        network.load_state_dict(before.network.state_dict())
    return Trained(options.network, network, interface)


def _before(start: Path, network: str) -> Trained:
    """Return the network that a run left, or the one in an archive."""
    return archived_weights.load(start, network) if start.is_file() else checkpoint.load(start)


def begin(
    folder: Path,
    chosen: TrainConfig,
    compute: Compute,
    shard: Shard,
    command: str,
    on_rows: Callable[[int], None],
) -> "Run":
    """Return the run in `folder`; the first process reads the data, if that is not done yet."""
    path = folder / CORPUS
    if shard.rank == 0:
        chosen = _with_addresses(chosen, api_export.fixed)
        checkpoint.save_config(chosen, folder)
        if not path.exists():
            prepare(chosen.data, chosen.split, path, on_rows)
    parallel.wait(shard)
    return Run(folder, chosen, Corpus.open(path), compute, shard, command)


@dataclass(frozen=True)
class Run:
    """A run that can be started: in `folder`, with these options, on these reviews."""

    folder: Path
    config: TrainConfig
    corpus: Corpus
    compute: Compute
    shard: Shard
    command: str

    def train(self, request: Request, display: Listener) -> state.Position:
        """Train to the end, or go on where the run was stopped, and write its report."""
        trained = make_network(self.config)
        folder = self.config.loss.teacher
        teacher = Teacher.open(Path(folder), self.corpus) if folder else None
        if self.shard.rank == 0:
            checkpoint.save_network(trained, self.folder)
        with self._listeners(display) as listeners:
            training = Training(
                self.corpus,
                self.config,
                trained,
                self.folder,
                self.compute,
                self.shard,
                listeners,
                teacher,
            )
            position = training.run(request)
        training.load_best()
        # All processes answer a part of the reviews.
        answers = training.answers(self.corpus.rows(VALIDATION))
        if self.shard.rank == 0:
            self._report(training, position, answers)
        return position

    def summary(self) -> str:
        """Return what is about to be done, with the warnings about the data."""
        training, validation = (len(self.corpus.rows(side)) for side in (TRAINING, VALIDATION))
        lines = [
            *self.corpus.intake.lines(),
            f"{training:,} reviews to train on, {validation:,} to validate on",
            f"{self.config.network.network} network on {self.compute}, in {self.folder}",
        ]
        return "\n".join(lines)

    @contextmanager
    def _listeners(self, display: Listener) -> Iterator[Sequence[Listener]]:
        if self.shard.rank > 0:
            yield ()
            return
        step = state.read_position(self.folder).step
        writer = records.Records(self.folder, step, self.config.run.log_interval)
        try:
            yield (display, writer)
        finally:
            writer.close()

    def _report(self, training: Training, position: state.Position, answers: Probabilities) -> None:
        """Write figures, pictures and what is known of the run; `run.json` comes last."""
        written = records.read(self.folder)
        plots.draw_learning_curves(written, self.folder / CURVES)
        facts: dict[str, Any] = {
            "command": self.command,
            "code_revision": code_revision(),
            "data_sha256": self.corpus.digest,
            "parameters": sum(one.numel() for one in training.weights.judged.parameters()),
            "computed_on": str(self.compute),
            "best_epoch": position.best_epoch + 1,
            "epochs": position.epoch,
        }
        if len(rows := self.corpus.rows(VALIDATION)):
            spread_out = spread(answers, self.corpus.label_names)
            figures = evaluation.evaluate(self.corpus, rows, spread_out)
            names = tuple(figures.metrics.classes)
            plots.draw_confusion(figures.metrics.confusion, names, self.folder / CONFUSION)
            replace_text(self.folder / REPORT, self._page(facts, figures))
            facts["validation"] = figures.metrics.as_dict()
        checkpoint.save_run(facts, self.folder)

    def _page(self, facts: dict[str, Any], figures: evaluation.Evaluation) -> str:
        return f"""# Run {self.folder.name}

`{facts["command"]}`

Network {self.config.network.network}, {facts["parameters"]:,} parameters, {facts["computed_on"]}.
Best epoch {facts["best_epoch"]} of {facts["epochs"]}; {compared(figures)} to validate on, which
chose the epoch too. Data {facts["data_sha256"][:12]}, code {facts["code_revision"][:12]}.

{render(figures)}

![]({CURVES})
![]({CONFUSION})
"""


def find_rate(run: Run) -> Finding:
    """Return the learning rate to take, after some steps that are thrown away."""
    trained = make_network(run.config)
    training = Training(run.corpus, run.config, trained, run.folder, run.compute, run.shard)
    drawn = (batch for epoch in count() for batch in training.batches(epoch))
    return find(lambda step, rate: training.take_step(next(drawn), step, rate))


def code_revision() -> str:
    """Return the git revision of the code.

    An image, which has no checkout, says it in CODE_REVISION; `unknown` where nothing does.
    """
    if stated := os.environ.get("CODE_REVISION"):
        return stated
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"]
    try:
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "unknown"
    return result.stdout.strip() or "unknown"
