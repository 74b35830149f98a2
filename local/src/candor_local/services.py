"""The parts of the product: what each is started with, what it needs, how it is healthy."""

import signal
import sysconfig
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from pwd import struct_passwd

from candor_local.health import Check, answers, at_once, has_ready_worker
from candor_local.home import Home
from candor_local.ports import HOST
from candor_local.postgres import Postgres
from candor_local.settings import Settings

SCRIPTS = Path(sysconfig.get_path("scripts"))


@dataclass(frozen=True)
class Service:
    """One part: a process that runs on, or with ``once`` a step that has to succeed."""

    name: str
    command: tuple[str, ...]
    needs: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    """What it is given besides what all parts inherit."""
    is_healthy: Check = at_once
    once: bool = False
    stop_signal: signal.Signals = signal.SIGTERM
    folder: Path | None = None
    """Its working folder; ours when None."""
    user: struct_passwd | None = None
    """Whom it runs as; us when None."""


def product(
    settings: Settings, home: Home, postgres: Postgres, admin_password: str | None
) -> tuple[Service, ...]:
    """Return the whole product, each part after those that it needs.

    TorchServe comes first since it is the slowest to start and needs nothing.
    """
    api = api_environment(settings, home, postgres)
    return (
        model_server(settings, home),
        database(postgres),
        migration(settings, api, admin_password),
        review_api(settings, api),
        background_worker(api),
        model_sync(settings, home),
        review_ui(settings, home),
    )


def model_server(settings: Settings, home: Home) -> Service:
    """Return TorchServe with the model."""
    options = {
        "--model-store": settings.model_store,
        "--port": settings.model_port,
        "--management-port": settings.management_port,
        "--metrics-port": settings.metrics_port,
        "--home": home.model_server,
    }
    return Service(
        name="model-server",
        command=(
            program("model-server"),
            "serve",
            *words(options),
        ),
        is_healthy=has_ready_worker(address(settings.management_port, "/models/sentiment")),
    )


def database(postgres: Postgres) -> Service:
    """Return the embedded Postgres; SIGINT is its fast shutdown, which waits for no client."""
    return Service(
        name="postgres",
        command=postgres.command,
        environment={"LC_ALL": "C"},
        is_healthy=postgres.is_ready,
        stop_signal=signal.SIGINT,
        folder=postgres.folder,
        user=postgres.user,
    )


def migration(settings: Settings, api: Mapping[str, str], admin_password: str | None) -> Service:
    """Return the step that brings the tables up to date and makes the first admin."""
    password = {"ADMIN_PASSWORD": admin_password} if admin_password else {}
    return Service(
        name="migrate",
        command=(program("review-api"), "migrate"),
        needs=("postgres",),
        environment={**api, "ADMIN_USER": settings.admin_user, **password},
        once=True,
    )


def review_api(settings: Settings, api: Mapping[str, str]) -> Service:
    """Return the review API under gunicorn."""
    return Service(
        name="api",
        command=gunicorn("python:review_api.gunicorn_config", "review_api:create_app()"),
        needs=("migrate",),
        environment={**api, "API_BIND": f"{HOST}:{settings.api_port}"},
        is_healthy=answers(address(settings.api_port, "/readyz")),
    )


def background_worker(api: Mapping[str, str]) -> Service:
    """Return the process that scores reviews later."""
    return Service(
        name="worker",
        command=(program("review-api"), "work"),
        needs=("migrate",),
        environment=api,
    )


def model_sync(settings: Settings, home: Home) -> Service:
    """Return what keeps TorchServe at the model that is in production."""
    options = {
        "--api": address(settings.api_port),
        "--port": settings.model_port,
        "--management-port": settings.management_port,
        "--sync-port": settings.sync_port,
        "--home": home.model_server,
    }
    return Service(
        name="model-sync",
        command=(
            program("model-server"),
            "sync",
            *words(options),
        ),
        needs=("model-server", "api"),
        environment={"MODEL_SYNC_TOKEN": home.secret("model-sync-token")},
        is_healthy=answers(address(settings.sync_port, "/readyz")),
    )


def review_ui(settings: Settings, home: Home) -> Service:
    """Return the pages under gunicorn."""
    return Service(
        name="ui",
        command=gunicorn("python:review_ui.gunicorn_config", "review_ui:create_server()"),
        needs=("api",),
        environment={
            "REVIEW_API_URL": address(settings.api_port),
            "API_PUBLIC_URL": address(settings.api_port),
            "MODEL_SERVER_URL": address(settings.model_port),
            "UI_TOKEN": home.secret("ui-token"),
            "UI_BIND": f"{HOST}:{settings.ui_port}",
        },
        is_healthy=answers(address(settings.ui_port, "/readyz")),
    )


def api_environment(settings: Settings, home: Home, postgres: Postgres) -> dict[str, str]:
    """Return what every process of the review API's code is given."""
    return {
        "DATABASE_URL": postgres.url,
        "MODEL_SERVER_URL": address(settings.model_port),
        **{
            f"{name.upper().replace('-', '_')}_TOKEN": home.secret(f"{name}-token")
            for name in ("ui", "scraper", "training", "model-sync")
        },
    }


def words(options: Mapping[str, object]) -> Iterator[str]:
    """Return options with their values as words of a command."""
    return (str(part) for option in options.items() for part in option)


def address(port: int, path: str = "") -> str:
    """Return an address on this machine."""
    return f"http://{HOST}:{port}{path}"


def program(name: str) -> str:
    """Return the path of a program of our own Python environment."""
    return str(SCRIPTS / name)


def gunicorn(config: str, application: str) -> tuple[str, ...]:
    """Return the command that serves a WSGI application."""
    return (program("gunicorn"), "-c", config, application)
