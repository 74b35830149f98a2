"""The command `model-server`: serve the model, keep it the newest, or ask whether it is ready."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from model_server import sync_process
from model_server.launch import LaunchError, become_torchserve
from model_server.readiness import is_ready
from model_server.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


def _settings(**options: object) -> Settings:
    """Return the environment's settings, overridden by the options that were given."""
    given = {name: value for name, value in options.items() if value is not None}
    try:
        return Settings.model_validate(Settings().model_dump() | given)
    except ValidationError as error:
        wrong = [f"{str(one['loc'][0]).upper()}: {one['msg']}" for one in error.errors()]
        raise _failure("; ".join(wrong)) from error


def _failure(reason: object) -> typer.Exit:
    """Say in one line why the command ends."""
    typer.echo(f"model-server: {reason}", err=True)
    return typer.Exit(1)


@app.command(epilog="Example: model-server serve --model-store model-store --port 8080")
def serve(
    model_store: Annotated[Path | None, typer.Option(help="Folder with the archive.")] = None,
    port: Annotated[int | None, typer.Option(help="Port of predictions.")] = None,
    management_port: Annotated[int | None, typer.Option(help="Port of management.")] = None,
    metrics_port: Annotated[int | None, typer.Option(help="Port of metrics.")] = None,
    home: Annotated[Path | None, typer.Option(help="The only folder written to.")] = None,
) -> None:
    """Serve the model in the foreground until SIGTERM."""
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
        raise _failure(error) from error


@app.command(epilog="Example: MODEL_SYNC_TOKEN=... model-server sync --api http://127.0.0.1:8000")
def sync(
    api: Annotated[str | None, typer.Option(help="Address of the review API.")] = None,
    alias: Annotated[str | None, typer.Option(help="production or canary.")] = None,
    port: Annotated[int | None, typer.Option(help="Port of predictions.")] = None,
    management_port: Annotated[int | None, typer.Option(help="Port of management.")] = None,
    sync_port: Annotated[int | None, typer.Option(help="Port of its own endpoints.")] = None,
    home: Annotated[Path | None, typer.Option(help="TorchServe's home.")] = None,
) -> None:
    """Keep TorchServe at the version that an alias means, until SIGTERM."""
    settings = _settings(
        review_api_url=api,
        sync_alias=alias,
        model_port=port,
        management_port=management_port,
        sync_port=sync_port,
        model_server_home=home,
    )
    try:
        sync_process.run(settings)
    except (sync_process.SyncError, OSError) as error:
        raise _failure(error) from error


@app.command(epilog="Example: model-server ready --management-port 8081")
def ready(
    management_port: Annotated[int | None, typer.Option(help="Port of management.")] = None,
) -> None:
    """Exit with 0 when the model's default version has a ready worker, else with 1."""
    port = _settings(management_port=management_port).management_port
    if not is_ready(f"http://127.0.0.1:{port}"):
        raise _failure("not ready")


def main() -> None:
    """Run the command."""
    app()
