"""What the training scripts' command lines share: how they run and how they fail."""

import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import typer

from trainer.archive import ArchiveError
from trainer.checkpoint import CheckpointError
from trainer.data import DataError
from trainer.models import ModelError


def run(main: Callable[..., Any]) -> None:
    """Run a script's `main` with its options from the command line."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command(help=main.__doc__)(main)
    app()


@contextmanager
def readable_errors() -> Iterator[None]:
    """Turn the errors that a user can mend into one line and exit code 2."""
    try:
        yield
    except (ArchiveError, CheckpointError, DataError, ModelError, OSError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from error


def typed(arguments: Sequence[str]) -> str:
    """Return a script's command as a reader would type it, data files by their names alone."""
    short = [
        Path(option).name if before == "--data" else option
        for before, option in pairwise(arguments)
    ]
    return shlex.join(["python", f"training/{Path(arguments[0]).name}", *short])


def data_options(files: Sequence[str], keep: Sequence[str]) -> str:
    """Return the options that name `files` and conditions, as they would be typed."""
    words = [word for name in files for word in ("--data", name)]
    words += [word for condition in keep for word in ("--keep", condition)]
    return shlex.join(words)
