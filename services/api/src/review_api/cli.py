"""The command ``review-api``: migrate, work, users, tokens, jobs and models."""

import os
import signal
import sys
import threading
from datetime import UTC, datetime, timedelta
from typing import Annotated, get_args

import typer
from peewee import DatabaseError
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from review_api import (
    audit,
    database,
    drift,
    housekeeping,
    logs,
    policy,
    quarantine,
    tokens,
    users,
    work_health,
    worker,
)
from review_api.duties import Duty
from review_api.edge import opened
from review_api.jobs import choice, runner
from review_api.jobs.commands import jobs_app
from review_api.jobs.interface import JobsError
from review_api.model_commands import models_app
from review_api.model_server import ModelServer
from review_api.registry import RegistryError
from review_api.schemas import Scope
from review_api.scoring import Scorer
from review_api.settings import Settings, complaints

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Reviews in Postgres behind HTTP. Settings come from the environment (DATABASE_URL …).",
)
users_app = typer.Typer(no_args_is_help=True, help="Admins: people who may log in.")
tokens_app = typer.Typer(no_args_is_help=True, help="Bearer tokens: programs that may call.")
app.add_typer(users_app, name="users")
app.add_typer(tokens_app, name="tokens")
app.add_typer(jobs_app, name="jobs")
app.add_typer(models_app, name="models")

SERVICES = {
    "ui": ["reviews:attest"],
    "scraper": ["scrape:write"],
    "training": ["training:read", "models:read", "models:write"],
    "model_sync": ["models:read"],
}
"""What each service may do whose token is a setting."""

Password = Annotated[
    str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, envvar="PASSWORD")
]


def main() -> None:
    """Run the command; errors are one line and exit code 1."""
    try:
        app()
    except ValidationError as error:
        sys.exit(f"review-api: {complaints(error)}")
    except (DatabaseError, *database.AWAY) as error:
        sys.exit(f"review-api: the database says: {_first_line(error)}")
    except (users.UserError, JobsError, RegistryError, work_health.TakenError) as error:
        sys.exit(f"review-api: {error}")


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


@app.command(epilog="Example: DATABASE_URL=postgresql://… review-api migrate")
def migrate() -> None:
    """Bring the database up to date; make the first admin and the services' tokens if set."""
    settings = opened()
    for name in database.migrate(settings.database_url):
        typer.echo(f"applied {name}")
    for service, scopes in SERVICES.items():
        if secret := getattr(settings, f"{service}_token"):
            tokens.register_service(service, scopes, secret.get_secret_value())
    if settings.admin_password and not users.every():
        users.add(settings.admin_user, settings.admin_password.get_secret_value())
        typer.echo(f"made the admin {settings.admin_user}")
    typer.echo("the database is up to date")


@app.command(epilog="Example: review-api work")
def work() -> None:
    """Score reviews that were saved without a score, and keep house, until SIGTERM or SIGINT."""
    settings = opened()
    logs.configure(settings.log_level)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    jobs = choice.runner(settings, os.environ)
    patience, canary_url = settings.model_timeout_seconds, settings.canary_server_url
    canary = ModelServer(canary_url, patience) if canary_url else None
    scorer = Scorer(ModelServer(settings.model_server_url, patience), canary)
    keeper = policy.Keeper(canary, settings.gate_required)
    with runner.beside(jobs, settings.work_interval_seconds, stop), work_health.beside(settings):
        worker.work(scorer, settings.work_interval_seconds, stop, _duties(settings, keeper))


def _duties(settings: Settings, keeper: policy.Keeper) -> list[Duty]:
    """Return what the worker does besides scoring."""
    return [
        Duty(60, housekeeping.sweep),
        Duty(60, lambda: quarantine.hold_new(settings)),
        Duty(policy.LOOK_EVERY, keeper.look),
        Duty(drift.LOOK_EVERY, lambda: drift.watch(settings)),
    ]


@users_app.command("add", epilog="Example: review-api users add ada")
def add_user(username: str, password: Password) -> None:
    """Make an admin; the password is asked for, or taken from PASSWORD."""
    opened()
    with audit.recorded(audit.operator(), "user_added", username):
        users.add(username, password)
    typer.echo(f"made the admin {username}")


@users_app.command("password", epilog="Example: review-api users password ada")
def change_password(username: str, password: Password) -> None:
    """Give an admin a new password and end their sessions."""
    opened()
    with audit.recorded(audit.operator(), "password_changed", username):
        users.change_password(username, password)
    typer.echo(f"changed the password of {username}")


@users_app.command("remove", epilog="Example: review-api users remove ada")
def remove_user(username: str) -> None:
    """Remove an admin and end their sessions."""
    opened()
    with audit.recorded(audit.operator(), "user_removed", username):
        users.remove(username)
    typer.echo(f"removed the admin {username}")


@users_app.command("list", epilog="Example: review-api users list")
def list_users() -> None:
    """List the admins."""
    opened()
    for name in users.every():
        typer.echo(name)


@tokens_app.command("create", epilog="Example: review-api tokens create backup --days 30")
def create_token(
    name: Annotated[str, typer.Argument(help="What the token is for.")] = "owner",
    scope: Annotated[
        list[str], typer.Option(help=f"One of {', '.join(get_args(Scope))}; may be repeated.")
    ] = ["reviews:read"],  # noqa: B006 (typer copies it)
    days: Annotated[int | None, typer.Option(min=1, max=36500, help="How long it lives.")] = None,
) -> None:
    """Make a token; its secret stands alone on the last line and is not shown again."""
    if unknown := set(scope) - set(get_args(Scope)):
        raise typer.BadParameter(f"unknown scope {', '.join(sorted(unknown))}")
    opened()
    expires = datetime.now(UTC) + timedelta(days=days) if days else None
    with audit.recorded(audit.operator(), "token_created", name, {"scopes": scope}):
        token, secret = tokens.create(name, scope, expires)
    typer.echo(f"token {token.id} ({token.name}) may: {token.scopes}")
    typer.echo(secret)


@tokens_app.command("list", epilog="Example: review-api tokens list")
def list_tokens() -> None:
    """List the tokens, without their secrets."""
    opened()
    table = Table("id", "name", "scopes", "made", "expires")
    for token in tokens.every():
        expires = token.expires.isoformat(" ", "minutes") if token.expires else "never"
        made = token.created_date.isoformat(" ", "minutes")
        table.add_row(str(token.id), token.name, " ".join(token.scopes), made, expires)
    Console().print(table)


@tokens_app.command("revoke", epilog="Example: review-api tokens revoke 7")
def revoke_token(token_id: Annotated[int, typer.Argument(min=1, max=2**31 - 1)]) -> None:
    """Revoke a token at once."""
    opened()
    with database.database.atomic():
        name = tokens.revoke(token_id)
        if name is None:
            sys.exit(f"review-api: there is no token {token_id}")
        audit.record(audit.operator(), "token_revoked", name)
    typer.echo(f"revoked token {token_id}")
