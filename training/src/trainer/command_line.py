"""What the training scripts' command lines share: how they run and how they fail."""

import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn

import typer
from rich.markup import escape

from trainer.data.errors import DataError
from trainer.errors import (
    ArchiveError,
    CheckpointError,
    ConfigError,
    DivergenceError,
    EvaluationError,
    GateError,
    ModelError,
    PublishError,
    RetrainError,
)

MENDABLE = (
    ArchiveError,
    CheckpointError,
    ConfigError,
    DataError,
    DivergenceError,
    EvaluationError,
    GateError,
    ModelError,
    PublishError,
    RetrainError,
    OSError,
    UnicodeError,
    typer.TyperException,
)
"""What a user can mend: the message says how."""


def run(main: Callable[..., Any], arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a script's `main` with `arguments`, else those of the command line, then exit.

    The commands in the script's docstring become the examples of its `--help`. A mistake of
    the user is one line and exit code 2; Ctrl-C (130) and a closed pipe (1) end it quietly.
    """
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command(help=main.__doc__, epilog=examples(main))(main)
    with readable_errors():
        sys.exit(app(args=arguments, standalone_mode=False))


@contextmanager
def readable_errors() -> Iterator[None]:
    """Turn the errors that a user can mend into one line and exit code 2."""
    try:
        yield
    except BrokenPipeError:
        raise
    except MENDABLE as error:
        typer.echo(f"error: {' '.join(_message(error).split())}", err=True)
        raise SystemExit(2) from error


def examples(main: Callable[..., Any]) -> str:
    """Return the commands in the docstring of the script of `main`, for its `--help`."""
    lines = (sys.modules[main.__module__].__doc__ or "").splitlines()
    commands = [line for line in lines if line.startswith(("python ", "torchrun "))]
    return "\n\n".join(["Examples:", *map(escape, commands)]) if commands else ""


def typed(arguments: Sequence[str]) -> str:
    """Return a script's command as a reader would type it: no data file's folder, no full path."""
    short = [
        Path(option).name if before == "--data" or Path(option).is_absolute() else option
        for before, option in pairwise(arguments)
    ]
    return shlex.join(["python", f"training/{Path(arguments[0]).name}", *short])


def _message(error: Exception) -> str:
    return error.format_message() if isinstance(error, typer.TyperException) else str(error)
