"""The command `candor`: run the product, stop it, and what can be done while it runs."""

import os
import signal
import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from candor_local import publish as publishing
from candor_local import refresh as refreshing
from candor_local import starter, tokens
from candor_local.errors import CandorError
from candor_local.home import Home
from candor_local.lock import check_runs, holder
from candor_local.settings import Settings, read_settings

app = typer.Typer(
    help="The whole of Candor on one machine. Settings come from the environment and from .env; "
    "local/README.md lists them.",
    epilog="Example: UI_PORT=9000 candor run",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.command(epilog="Example: CANDOR_HOME=/var/lib/candor UI_PORT=9000 candor run")
def run() -> None:
    """Start everything and keep it running until Ctrl-C or SIGTERM."""
    starter.run(read_settings(), Console(highlight=False))


@app.command(epilog="Example: TOKEN=$(candor token | tail -n 1)")
def token() -> None:
    """Print a new owner's token, alone on the last line, while Candor runs."""
    tokens.print_token(_running()[0])


@app.command(epilog="Example: SCRAPER_PROFILE=my-site.toml candor refresh")
def refresh() -> None:
    """Collect companies and reviews, by default from the demo site, while Candor runs."""
    raise typer.Exit(refreshing.refresh(*_running()))


@app.command(epilog="Example: candor publish runs/model-store/sentiment.mar")
def publish(
    archive: Annotated[
        Path | None, typer.Argument(help="The .mar; else that in MODEL_STORE.")
    ] = None,
) -> None:
    """Set a trained model live, while Candor runs, and wait until it is served."""
    settings, home = _running()
    publishing.publish(settings, home, archive or settings.model_store / "sentiment.mar")


@app.command(epilog="Example: candor stop")
def stop() -> None:
    """Stop the Candor that runs in CANDOR_HOME, and wait until it has."""
    lock = Home(read_settings().candor_home).lock
    pid = holder(lock)
    if pid is None:
        raise CandorError("Candor does not run")
    os.kill(pid, signal.SIGTERM)
    while holder(lock) == pid:
        time.sleep(0.1)


def _running() -> tuple[Settings, Home]:
    """Return the settings and the home of a Candor that runs."""
    settings = read_settings()
    home = Home(settings.candor_home)
    check_runs(home.lock)
    return settings, home


def main() -> None:
    """Run the command; a problem is one readable line and exit code 1."""
    try:
        app()
    except CandorError as error:
        sys.exit(f"Error: {error}")
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        sys.exit(f"Error: {where}{error.strerror or error}")
