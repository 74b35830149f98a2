"""The command `candor`: run the product, stop it, and what can be done while it runs."""

import os
import signal
import sys
import time
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from candor_local import publish as publishing
from candor_local import refresh as refreshing
from candor_local import retraining, starter, tokens
from candor_local.errors import CandorError
from candor_local.home import Home
from candor_local.lock import check_runs, holder
from candor_local.review_api import review_api
from candor_local.settings import Settings, read_settings

Alias = Literal["production", "canary"]

app = typer.Typer(
    help="The whole of Candor on one machine. Settings come from the environment and from .env; "
    "local/README.md lists them.",
    epilog="Example: UI_PORT=9000 candor run",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.command(epilog="Example: CANDOR_HOME=/var/lib/candor UI_PORT=9000 candor run")
def run(
    canary: Annotated[
        bool | None,
        typer.Option(help="Run a second TorchServe, for the canary.", show_default=False),
    ] = None,
) -> None:
    """Start everything and keep it running until Ctrl-C or SIGTERM."""
    starter.run(read_settings(canary=canary), Console(highlight=False))


@app.command(epilog="Example: TOKEN=$(candor token | tail -n 1)")
def token() -> None:
    """Print a new owner's token, alone on the last line, while Candor runs."""
    tokens.print_token(_running()[0])


@app.command(epilog="Example: SCRAPER_PROFILE=my-site.toml candor refresh")
def refresh() -> None:
    """Collect companies and reviews, by default from the demo site, while Candor runs."""
    raise typer.Exit(refreshing.refresh(*_running()))


@app.command(epilog="Example: candor publish runs/model-store/sentiment.mar --alias canary")
def publish(
    archive: Annotated[
        Path | None, typer.Argument(help="The .mar; else that in MODEL_STORE.")
    ] = None,
    alias: Annotated[Alias, typer.Option(help="What the model becomes.")] = "production",
    *,
    gate: Annotated[
        bool, typer.Option(help="Have the gate judge it first; what fails does not go live.")
    ] = True,
) -> None:
    """Set a trained model live, while Candor runs, and wait until it is served."""
    settings, home = _running()
    archive = archive or settings.archive
    publishing.publish(settings, home, archive, alias, gate=gate)


@app.command(epilog="Example: TRAINING_RECIPE=demonstration candor retrain")
def retrain() -> None:
    """Train on what was collected and written, while Candor runs, and publish through the gate."""
    raise typer.Exit(retraining.retrain(*_running()))


@app.command(epilog='Example: candor rollback --reason "it calls late parcels good"')
def rollback(
    reason: Annotated[str, typer.Option(help="Why; it is kept with the change.")] = "by command",
) -> None:
    """Go back to the model that was in production before, and wait until it is served."""
    publishing.roll_back(*_running(), reason)


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    add_help_option=False,
    epilog="Example: candor models list",
)
def models(context: typer.Context) -> None:
    """Do what `review-api models` does, while Candor runs: list, show, promote, weight, events."""
    settings, _home = _running()
    raise typer.Exit(review_api(settings, "models", *context.args).returncode)


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
