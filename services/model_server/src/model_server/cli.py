"""The command `model-server`: serve the model, or ask whether it is ready."""

from pathlib import Path
from typing import Annotated

import typer

from model_server.launch import LaunchError, become_torchserve
from model_server.readiness import is_ready
from model_server.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


def _settings(**options: object) -> Settings:
    """Return the environment's settings, overridden by the options that were given."""
    given = {name: value for name, value in options.items() if value is not None}
    return Settings.model_validate(Settings().model_dump() | given)


@app.command()
def serve(
    model_store: Annotated[Path | None, typer.Option(help="Folder with the archive.")] = None,
    port: Annotated[int | None, typer.Option(help="Port of predictions.")] = None,
    management_port: Annotated[int | None, typer.Option(help="Port of management.")] = None,
    metrics_port: Annotated[int | None, typer.Option(help="Port of metrics.")] = None,
    home: Annotated[Path | None, typer.Option(help="The only folder written to.")] = None,
) -> None:
    """Serve the model in the foreground until SIGTERM.

    Example: model-server serve --model-store model-store --port 8080
    """
    settings = _settings(
        model_store=model_store,
        model_port=port,
        management_port=management_port,
        metrics_port=metrics_port,
        model_server_home=home,
    )
    try:
        become_torchserve(settings)
    except (LaunchError, OSError) as error:
        typer.echo(f"model-server: {error}", err=True)
        raise typer.Exit(1) from error


@app.command()
def ready(
    management_port: Annotated[int | None, typer.Option(help="Port of management.")] = None,
) -> None:
    """Exit with 0 when the model's default version has a ready worker, else with 1.

    Example: model-server ready --management-port 8081
    """
    port = _settings(management_port=management_port).management_port
    if not is_ready(f"http://127.0.0.1:{port}"):
        typer.echo("model-server: not ready", err=True)
        raise typer.Exit(1)


def main() -> None:
    """Run the command."""
    app()
