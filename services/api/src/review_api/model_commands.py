"""``review-api models``: what owners do with models, from a terminal."""

import sys
from typing import Annotated, Any, Literal

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.table import Table

from review_api import audit, canary, registry
from review_api.canary_schemas import CanaryChange, CanaryPolicy
from review_api.edge import opened
from review_api.model_schemas import NamedVersion, SavedModelVersion
from review_api.model_versions import VERSIONS, whole
from review_api.models import ModelEvent, ModelVersion
from review_api.registry import PRODUCTION, Author

models_app = typer.Typer(
    no_args_is_help=True, help="Model versions: which are in use, since when, and the way back."
)

MOST = 1000

Version = Annotated[str, typer.Argument(help="Such as 1.2.")]
Model = Annotated[str, typer.Option("--name", help="Of which model.")]
Why = Annotated[str | None, typer.Option("--reason", help="Is kept with the change.")]
Force = Annotated[bool, typer.Option("--force", help="Past the gate; needs a reason.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=MOST, help="How many.")]
Weight = Annotated[int, typer.Argument(min=0, max=10_000, help="In ten thousandths.")]


@models_app.command("list", epilog="Example: review-api models list")
def list_models(limit: Limit = 50) -> None:
    """List the versions, newest first, with the gate's verdicts and what they are in use as."""
    opened()
    table = Table("model", "registered", "gate", "in use as", "parent", "MB")
    for row in VERSIONS.rows().order_by(ModelVersion.id.desc()).limit(limit).dicts():
        one = SavedModelVersion.model_validate(row)
        table.add_row(
            f"{one.name} {one.version}",
            one.created_date.isoformat(" ", "minutes"),
            one.gate.verdict if one.gate else "",
            ", ".join(one.aliases),
            one.parent or "",
            f"{one.size_bytes / 1e6:.1f}" if one.size_bytes else "",
        )
    Console().print(table)


@models_app.command("show", epilog="Example: review-api models show 1.2")
def show_model(version: Version, name: Model = "sentiment") -> None:
    """Show all there is to say of a version, as JSON."""
    opened()
    _print(whole(NamedVersion(name=name, version=version)))


@models_app.command("promote", epilog="Example: review-api models promote 1.2 --reason 'better'")
def promote(
    version: Version, name: Model = "sentiment", reason: Why = None, *, force: Force = False
) -> None:
    """Put a version into production; what was there becomes the previous one."""
    required = opened().gate_required
    author = _author(reason, force=force)
    named = NamedVersion(name=name, version=version)
    registry.promote(named, author, gate_required=required, force=force)
    _say(PRODUCTION)


@models_app.command("canary", epilog="Example: review-api models canary 1.3 --weight 500")
def set_canary(
    version: Annotated[str | None, typer.Argument(help="Such as 1.3; else what holds now.")] = None,
    name: Model = "sentiment",
    weight: Annotated[
        int | None, typer.Option(min=0, max=10_000, help="In ten thousandths of the visitors.")
    ] = None,
    reason: Why = None,
    *,
    force: Force = False,
    remove: Annotated[bool, typer.Option("--remove", help="Take the canary away.")] = False,
) -> None:
    """Make a version the canary, take the canary away, or show what holds now."""
    required = opened().gate_required
    author = _author(reason, force=force)
    if weight is not None and not version:
        raise typer.BadParameter("--weight goes with a version: else review-api models weight")
    if remove:
        registry.remove_canary(author)
        typer.echo("there is no canary")
        return
    if version:
        named = NamedVersion(name=name, version=version)
        with registry.changing():
            registry.set_canary(named, author, gate_required=required, force=force)
            canary.change(CanaryChange(weight=weight), author)
    _print(canary.situation().info())


@models_app.command("weight", epilog="Example: review-api models weight 1000 --reason 'looks good'")
def set_weight(
    weight: Weight,
    reason: Why = None,
    shadow: Annotated[
        int | None, typer.Option(min=0, max=10_000, help="Share of reviews scored unseen.")
    ] = None,
) -> None:
    """Send so many ten thousandths of the visitors to the canary."""
    opened()
    canary.change(CanaryChange(weight=weight, shadow=shadow), _author(reason))
    _print(canary.situation().info())


@models_app.command(
    "policy", epilog="Example: review-api models policy on --set max=2000 --set promote=true"
)
def set_policy(
    state: Annotated[Literal["on", "off"], typer.Argument(help="Whether the worker keeps to it.")],
    limits: Annotated[
        list[str] | None, typer.Option("--set", help="name=value; may be repeated.")
    ] = None,
    reason: Why = None,
) -> None:
    """Let the worker step the canary up, promote it or remove it by itself, or not."""
    opened()
    given: dict[str, Any] = dict(_pair(one) for one in limits or [])
    policy = CanaryPolicy.model_validate(given | {"enabled": state == "on"}, strict=False)
    canary.change(CanaryChange(policy=policy), _author(reason))
    _print(canary.situation().info())


@models_app.command("rollback", epilog="Example: review-api models rollback --reason 'complaints'")
def roll_back(
    reason: Annotated[str, typer.Option(help="Is kept with the change.")],
) -> None:
    """Go back to the previous version; production and previous change places."""
    opened()
    registry.roll_back(_author(reason))
    _say(PRODUCTION)


@models_app.command("events", epilog="Example: review-api models events --limit 5")
def list_events(limit: Limit = 50) -> None:
    """List who changed what and why, newest first."""
    opened()
    table = Table("when", "who", "what", "version", "reason")
    for event in ModelEvent.select().order_by(ModelEvent.id.desc()).limit(limit):
        when = event.created_date.isoformat(" ", "seconds")
        table.add_row(when, event.who, event.action, event.version or "", event.reason or "")
    Console().print(table)


def _author(reason: str | None, *, force: bool = False) -> Author:
    if force and not reason:
        raise typer.BadParameter("--force needs a --reason")
    return Author(audit.operator(), reason)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"--set {text} is not name=value")
    return name, value


def _say(alias: str) -> None:
    version = registry.meaning(alias)
    if version is None:
        sys.exit(f"review-api: {alias} is not set")
    typer.echo(f"{alias} is {version.name} {version.version}")


def _print(info: BaseModel) -> None:
    typer.echo(info.model_dump_json(indent=2))
