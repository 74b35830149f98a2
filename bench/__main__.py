"""`python -m bench`: measure, print one table, write the figures as JSON."""

import importlib
import json
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum, auto
from pathlib import Path
from typing import Annotated

import psycopg2
import typer
from rich.console import Console

from bench import report
from bench.figures import Figure, Measure, MeasurementError, Say
from bench.sizes import FULL, QUICK, Sizes
from candor_local.errors import CandorError
from trainer.files import replace_text


class Name(StrEnum):
    """The measurements; each is a module of this package."""

    PREDICT = auto()
    BATCHING = auto()
    REVIEWS = auto()
    PAGES = auto()
    READY = auto()
    MEMORY = auto()
    TRAINING = auto()
    CRAWL = auto()


FAILURES = (MeasurementError, CandorError, OSError, psycopg2.Error)
EXAMPLES = """Examples:

python -m bench --out bench.json

python -m bench --only predict --only memory

python -m bench --quick"""

INTERRUPTED = 130
"""The exit code of a program that Ctrl-C ended."""

errors = Console(stderr=True, highlight=False)
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(epilog=EXAMPLES)
def bench(
    *,
    only: Annotated[
        list[Name] | None, typer.Option(help="Measure only this; may be repeated.")
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="See that everything runs; the figures say little.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="File for the figures as JSON.", dir_okay=False)
    ] = None,
) -> None:
    """Measure Candor on this machine: its own product, on free ports, in a throw-away home."""
    if out and not out.absolute().parent.is_dir():
        raise typer.BadParameter(f"there is no folder {out.parent}", param_hint="--out")
    # A request to end by SIGTERM stops the product too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sizes, machine = QUICK if quick else FULL, report.this_machine()
    names = [name for name in Name if not only or name in only]
    results: dict[str, list[Figure]] = {}
    interrupted = False
    try:
        results.update(measure_all(names, sizes))
    except KeyboardInterrupt:
        interrupted = True
        errors.print("Stopped, and so is the product that was measured.")
    report.print_table(Console(highlight=False), machine, results)
    if out:
        replace_text(
            out, json.dumps(report.document(machine, sizes.name, results), indent=2) + "\n"
        )
    if interrupted:
        raise typer.Exit(INTERRUPTED)
    if len(results) < len(names):
        raise typer.Exit(1)


def measure_all(names: Sequence[str], sizes: Sizes) -> Iterator[tuple[str, list[Figure]]]:
    """Yield what each measurement gives; one that fails is said and left out."""
    for name in names:
        # Not imported above: some need libraries that take seconds to load.
        measure: Measure = importlib.import_module(f"bench.{name}").measure
        started = time.monotonic()
        try:
            with progress(name) as say:
                figures = measure(sizes, say)
        except FAILURES as error:
            errors.print(f"{name} failed: {error}", style="red", markup=False, soft_wrap=True)
            continue
        errors.print(f"{name}: measured in {time.monotonic() - started:.0f} s")
        yield name, figures


@contextmanager
def progress(name: str) -> Iterator[Say]:
    """Give a function that shows a step: in a moving line, or where there is none on its own."""
    with errors.status(name) as status:

        def say(step: str) -> None:
            if errors.is_terminal:
                status.update(f"{name}: {step}")
            else:
                errors.print(f"{name}: {step}", markup=False)

        yield say


if __name__ == "__main__":
    app()
