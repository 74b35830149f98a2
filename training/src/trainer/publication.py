"""Publishing an archive: kept, registered, judged beside production, and set live if it passed."""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import typer

from trainer.errors import PublishError
from trainer.files import replace_text
from trainer.gate import labelled
from trainer.gate.judge import Exam, judge
from trainer.gate.report import Report, render
from trainer.model_store import fetch, keep
from trainer.published import describe, signed
from trainer.registry import InProduction, Registry

TOKEN = "MODELS_TOKEN"  # noqa: S105  # The variable's name, not a token.
KEY = "MODEL_SIGNING_KEY"


@dataclass(frozen=True)
class Gate:
    """What the gate judges by, and where its report goes."""

    golden: Path
    recent: str | None = None
    baseline: Path | None = None
    """An archive to judge against where nothing is in production."""
    report: Path | None = None


@dataclass(frozen=True)
class Publisher:
    """Publishes into a store and to an API; `key` signs, where it is not empty."""

    registry: Registry
    store: str
    key: str = field(repr=False)

    @classmethod
    def from_environment(cls, api: str, store: str) -> Self:
        """Return the publisher with the secrets of the environment.

        Raises:
            PublishError: there is no token.
        """
        token = os.environ.get(TOKEN, "")
        if not token:
            raise PublishError(f"{TOKEN} is not set: it needs a token that may models:write")
        return cls(Registry(api.rstrip("/"), token), store, os.environ.get(KEY, ""))

    @contextmanager
    def in_production(self, baseline: Path | None) -> Iterator[Path | None]:
        """Give production's archive, fetched from the store, or what stands in for it.

        Raises:
            PublishError: the store or the API stands in the way.
        """
        with _archive_of(self.registry.production(), baseline) as path:
            yield path

    def publish(self, archive: Path, alias: str, gate: Gate | None) -> bool:
        """Publish an archive and say so; return whether the gate, if there is one, passed it.

        Raises:
            PublishError: the archive, the store or the API stands in the way.
            DataError: the golden set or the recent reviews cannot be used.
        """
        model = signed(describe(archive), self.key)
        exam = _exam(gate) if gate else None
        uri = keep(archive, model, self.store)
        production = self.registry.production()
        parent = production.version if production else None
        is_new = self.registry.register(model, uri, parent)
        typer.echo(f"{'registered' if is_new else 'known already'}: {model.title}, {uri}")
        if gate and exam:
            report = _judged(archive, production, gate, exam)
            self.registry.report(model, report)
            typer.echo(render(report))
            if report.verdict == "fail":
                typer.echo(f"not published: {model.title} failed the gate, no alias has changed")
                return False
        if alias:
            typer.echo(f"{alias} is {self.registry.set_alias(alias, model)}")
        return True


def _exam(gate: Gate) -> Exam:
    return Exam.of(gate.golden, labelled.read("recent", gate.recent) if gate.recent else None)


def _judged(candidate: Path, production: InProduction | None, gate: Gate, exam: Exam) -> Report:
    with _archive_of(production, gate.baseline) as other:
        report = judge(candidate, other, exam)
    if gate.report:
        replace_text(gate.report, json.dumps(report.as_dict(), indent=2) + "\n")
    return report


@contextmanager
def _archive_of(production: InProduction | None, baseline: Path | None) -> Iterator[Path | None]:
    if production is None:
        yield baseline
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "production.mar"
        fetch(production.uri, production.sha256, path)
        yield path
