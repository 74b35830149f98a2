"""The parts of the product: what each is started with, what it needs, how it is healthy."""

import signal
import sysconfig
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from pwd import struct_passwd

from candor_local.health import Check, answers, at_once, has_ready_worker
from candor_local.home import SIGNING_KEY, Home
from candor_local.model_servers import ModelServer, running
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
    model_servers = running(settings, home)
    return (
        *(torchserve(settings, server, home) for server in model_servers),
        database(postgres),
        migration(settings, api, admin_password),
        review_api(settings, api),
        background_worker(api),
        *(model_sync(settings, server, home) for server in model_servers),
        review_ui(settings, home),
    )


def torchserve(settings: Settings, server: ModelServer, home: Home) -> Service:
    """Return a TorchServe with the model."""
    options = {
        "--model-store": settings.model_store,
        "--port": server.port,
        "--management-port": server.management_port,
        "--metrics-port": server.metrics_port,
        "--home": server.home,
    }
    return Service(
        name=server.name,
        command=(program("model-server"), "serve", *words(options)),
        environment=signing_environment(home),
        is_healthy=has_ready_worker(address(server.management_port, "/models/sentiment")),
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


def model_sync(settings: Settings, server: ModelServer, home: Home) -> Service:
    """Return what keeps a TorchServe at the model that its alias means."""
    options = {
        "--alias": server.alias,
        "--api": address(settings.api_port),
        "--port": server.port,
        "--management-port": server.management_port,
        "--sync-port": server.sync_port,
        "--home": server.home,
    }
    token = {"MODEL_SYNC_TOKEN": home.secret("model-sync-token")}
    return Service(
        name=server.sync_name,
        command=(program("model-server"), "sync", *words(options)),
        needs=(server.name, "api"),
        environment={**token, **signing_environment(home)},
        is_healthy=answers(address(server.sync_port, "/readyz")),
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
            **model_addresses(settings),
            "UI_TOKEN": home.secret("ui-token"),
            "UI_BIND": f"{HOST}:{settings.ui_port}",
        },
        is_healthy=answers(address(settings.ui_port, "/readyz")),
    )


def api_environment(settings: Settings, home: Home, postgres: Postgres) -> dict[str, str]:
    """Return what every process of the review API's code is given."""
    return {
        "DATABASE_URL": postgres.url,
        **model_addresses(settings),
        "JOBS": settings.jobs,
        "JOBS_FILE": str(home.jobs_file),
        "JOBS_HOME": str(home.jobs),
        # So that the worker, which ends its jobs as it stops, has time left to end itself.
        "JOBS_GRACE_SECONDS": str(settings.stop_timeout / 2),
        **{
            f"{name.upper().replace('-', '_')}_TOKEN": home.secret(f"{name}-token")
            for name in ("ui", "scraper", "training", "model-sync")
        },
    }


def model_addresses(settings: Settings) -> dict[str, str]:
    """Return where those who ask a model ask it."""
    canary = {"CANARY_SERVER_URL": address(settings.canary_port)} if settings.canary else {}
    return {"MODEL_SERVER_URL": address(settings.model_port), **canary}


def training_environment(home: Home) -> dict[str, str]:
    """Return what training needs to read reviews and to publish what it makes of them."""
    token = home.secret("training-token")
    return {"TRAINING_TOKEN": token, "MODELS_TOKEN": token, **signing_environment(home)}


def signing_environment(home: Home) -> dict[str, str]:
    """Return what those who sign versions and those who check signatures share."""
    key = home.existing_secret(SIGNING_KEY)
    return {"MODEL_SIGNING_KEY": key} if key else {}


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
