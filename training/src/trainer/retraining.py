"""Training again on what was collected: the folder of one retraining, and what is done in it.

Each step leaves a file, and a retraining that was killed goes on after the last one: what was
collected is not collected again, a run goes on where it stopped, an archive is not made twice.
"""

import json
import shutil
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from trainer import archiving, checkpoint, command_line, config, run
from trainer.collected import PEOPLE, RECENT, SCRAPED, WEIGHT, Collected, Sharing, collect
from trainer.config import read_values
from trainer.data import api_export
from trainer.errors import ConfigError, ModelError, RetrainError
from trainer.files import replace_file, replace_text
from trainer.mixture import Shares, typed
from trainer.options import overlaid
from trainer.session import Commands, train

MARK = "retraining.json"
"""Tells the folder of a retraining from any other: only such folders are ever removed."""

RUN = "run"

START = "start.mar"
"""The archive that training goes on from."""


@dataclass(frozen=True)
class Facts:
    """What is settled when a retraining begins; `rows` and `left_out` once all is collected.

    `start` is the model that training goes on from: a path, or a file in the retraining's own
    folder; empty where it begins with fresh weights, and None until that is settled.
    """

    version: str
    export: str
    rows: dict[str, int] | None = None
    start: str | None = None
    left_out: str = ""


@dataclass(frozen=True)
class Wanted:
    """What to train on and how, and the mixture of classes to expect where the model answers.

    `base` are files beside what the API has collected.
    """

    base: tuple[Path, ...]
    recipe: Path
    sharing: Sharing
    handler: Path
    mixture: Shares | None = None


@dataclass(frozen=True)
class Retraining:
    """A retraining in `folder`."""

    folder: Path
    facts: Facts

    @classmethod
    def begin(cls, folder: Path, version: str, api: str) -> "Retraining":
        """Begin in `folder`, or go on with what is there.

        Raises:
            DataError: the API does not say of which moment its reviews are.
            RetrainError: the folder is something else.
        """
        mark = folder / MARK
        if mark.is_file():
            known: dict[str, Any] = json.loads(mark.read_text(encoding="utf-8"))
            return cls(folder, Facts(**known))
        if folder.exists() and any(folder.iterdir()):
            raise RetrainError(f"{folder} is not the folder of a retraining: choose another --name")
        export = api_export.fixed(f"{api.rstrip('/')}{api_export.PATH}")
        folder.mkdir(parents=True, exist_ok=True)
        return cls(folder, Facts(version, export)).noted()

    def collect(self, sharing: Sharing) -> tuple["Retraining", Collected]:
        """Collect what the API has, once; return what there is.

        Raises:
            DataError: the API does not answer, refuses, or its answer breaks off.
        """
        if self.facts.rows is not None:
            return self, Collected(self.folder, self.facts.rows, self.facts.left_out)
        collected = collect(self.facts.export, self.folder, sharing)
        facts = replace(self.facts, rows=collected.rows, left_out=collected.left_out)
        return replace(self, facts=facts).noted(), collected

    def start_from(self, place: str) -> "Retraining":
        """Settle that training goes on from a model, or with fresh weights if `place` is empty."""
        return replace(self, facts=replace(self.facts, start=place)).noted()

    def start_as_served(self, archive: Path, recipe: Path) -> "Retraining":
        """Settle that training goes on from a served model, if it is of the recipe's network.

        Raises:
            ConfigError: the recipe cannot be used.
        """
        kept = self.folder / START
        with replace_file(kept) as beside:
            shutil.copyfile(archive, beside)
        chosen = config.make(overlaid(read_values(recipe), _starting_from(kept)))
        try:
            run.make_network(chosen)
        except (ConfigError, ModelError) as error:
            typer.echo(f"beginning with fresh weights: {error}")
            return self.start_from("")
        typer.echo(f"going on from {archive.name}")
        return self.start_from(START)

    def train(self, wanted: Wanted, collected: Collected) -> None:
        """Train on the base and what was collected; stopped, it says how to go on and ends.

        Raises:
            RetrainError: there is nothing to train on.
            ConfigError: the recipe cannot be used.
            ModelError: there is no model where it is to start from.
        """
        files = [*wanted.base, *collected.training]
        if not files:
            raise RetrainError("there is nothing to train on: no review is there, and no --base")
        data: dict[str, Any] = {"data": [str(file) for file in files]}
        if collected.training:
            data["weight_column"] = WEIGHT
        values = overlaid(read_values(wanted.recipe), {"data": data})
        if start := self.facts.start:
            # Joined to the folder, a path from elsewhere that is absolute stays what it is.
            values = overlaid(values, _starting_from(self.folder / start))
        chosen = run.choose_config(self.folder / RUN, values, resume=True)
        if (self.folder / RUN / checkpoint.RUN).is_file():
            return
        options = [part for file in files for part in ("--data", file.name)]
        weights = ["--weight-column", WEIGHT] if collected.training else []
        recipe = ["--config", wanted.recipe.name]
        before = ["--start-from", Path(start).name] if start else []
        commands = Commands(
            typed=command_line.typed(["train.py", *recipe, *options, *weights, *before]),
            resuming="the same command with this --name",
        )
        train(self.folder / RUN, chosen, commands, Console(highlight=False))

    def archive(self, wanted: Wanted) -> Path:
        """Make the archive, if it is not there yet; return where it is.

        Raises:
            ArchiveError: it cannot be made.
        """
        name = checkpoint.load_config(self.folder / RUN).run.name
        path = self.folder / f"{name}.mar"
        if not path.with_suffix(".md").is_file():
            order = archiving.Order(
                version=self.facts.version,
                path=path,
                handler=wanted.handler,
                precision="auto",
                archiving_command=command_line.typed(
                    [
                        *("archive.py", RUN, "--version", self.facts.version),
                        *typed(wanted.mixture),
                    ]
                ),
                evaluation_command=command_line.typed(["evaluate.py", path.name, "--run", RUN]),
                mixture=wanted.mixture,
            )
            typer.echo(f"{path}: {archiving.make(self.folder / RUN, order)}")
        return path

    def noted(self) -> "Retraining":
        """Write the facts into the folder; return itself."""
        replace_text(self.folder / MARK, json.dumps(asdict(self.facts), indent=2) + "\n")
        return self


def _starting_from(model: Path) -> dict[str, Any]:
    return {"network": {"start_from": str(model)}}


def prune(runs: Path, own: Path, keep: int) -> list[Path]:
    """Remove the folders of earlier retrainings in `runs` but the last ones, `keep` with `own`."""
    earlier = [mark.parent for mark in runs.glob(f"*/{MARK}") if mark.parent != own]
    earlier.sort(key=lambda folder: (folder / MARK).stat().st_mtime, reverse=True)
    removed = earlier[max(0, keep - 1) :]
    for folder in removed:
        shutil.rmtree(folder)
    return removed


def told(collected: Collected) -> str:
    """Return how many reviews there are of each kind, for people."""
    rows = collected.rows
    left_out = f"; the API left out {collected.left_out}" if collected.left_out else ""
    return (
        f"{rows[PEOPLE]:,} reviews of people and {rows[SCRAPED]:,} of sites to train on, "
        f"{rows[RECENT]:,} of people for the gate alone{left_out}"
    )
