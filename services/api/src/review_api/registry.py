"""Changes of model versions, gate reports and aliases: each with its event, whole or not at all.

Whoever changes an alias or the canary holds the canary's row. Readers wait for nobody: they see
what was in use before a change or after it, never neither.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from peewee import fn

from review_api.database import database
from review_api.models import Canary, GateReport, ModelAlias, ModelEvent, ModelVersion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from review_api.canary_schemas import Action
    from review_api.model_schemas import NamedVersion, NewGateReport, NewModelVersion

PRODUCTION, CANARY, PREVIOUS = "production", "canary", "previous"


class RegistryError(Exception):
    """A change is refused as things are, with the reason."""


class UnknownVersionError(RegistryError):
    """The version is not registered."""


@dataclass(frozen=True)
class Author:
    """Who makes a change, and why."""

    who: str
    reason: str | None = None


@contextmanager
def changing() -> Iterator[None]:
    """Hold the lock under which aliases and the canary are changed, in a transaction."""
    with database.atomic():
        Canary.select(Canary.id).for_update().execute()
        yield


def record(
    author: Author,
    action: Action,
    version: ModelVersion | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    """Write an event; call it in the transaction of what it tells of."""
    ModelEvent.insert(
        who=author.who,
        action=action,
        name=version and version.name,
        version=version and version.version,
        reason=author.reason,
        details=details,
    ).execute()


def find(named: NamedVersion) -> ModelVersion:
    """Return a registered version, or raise `UnknownVersionError`."""
    version = _registered(named.name, named.version)
    if version is None:
        message = f"there is no {named.name} {named.version}"
        raise UnknownVersionError(message)
    return version


def _registered(name: str, version: str) -> ModelVersion | None:
    found: ModelVersion | None = ModelVersion.get_or_none(
        (ModelVersion.name == name) & (ModelVersion.version == version)
    )
    return found


def register(new: NewModelVersion, author: Author) -> bool:
    """Register a version; return whether it is new.

    Raises:
        RegistryError: another artifact is under its version, or its parent is not registered.
    """
    with database.atomic():
        if new.parent and _registered(new.name, new.parent) is None:
            message = f"the parent {new.name} {new.parent} is not registered"
            raise RegistryError(message)
        insert = ModelVersion.insert(new.model_dump())
        insert = insert.on_conflict(conflict_target=("name", "version"), action="ignore")
        is_new = bool(insert.returning(ModelVersion.id).execute())
        stored = find(new)
        if stored.sha256 != new.sha256:
            message = f"{new.name} {new.version} is registered with another sha256"
            raise RegistryError(message)
        if is_new:
            record(author, "registered", stored)
    return is_new


def add_report(named: NamedVersion, report: NewGateReport, author: Author) -> GateReport:
    """Keep what the gate found of a version."""
    with database.atomic():
        version = find(named)
        row = report.model_dump() | {"model": version}
        (kept,) = GateReport.insert(row).returning(GateReport).execute()
        details = {"verdict": report.verdict, "against": report.against}
        record(author, "gated", version, details | {"reasons": report.reasons})
    saved: GateReport = kept
    return saved


def meaning(alias: str) -> ModelVersion | None:
    """Return the version that an alias means, or None."""
    query = ModelVersion.select().join(ModelAlias).where(ModelAlias.name == alias)
    version: ModelVersion | None = query.first()
    return version


def promote(
    named: NamedVersion, author: Author, *, gate_required: bool, force: bool = False
) -> None:
    """Put a version into production; what was there becomes the previous one.

    Raises:
        RegistryError: the gate has not passed it, and it is not forced.
    """
    with changing():
        version, before = find(named), meaning(PRODUCTION)
        if version == before:
            return
        complaints = _complaints(version) if gate_required else []
        _refuse(version, complaints, force=force)
        was_canary = version == meaning(CANARY)
        if before:
            _point(PREVIOUS, before)
        _point(PRODUCTION, version)
        if was_canary:
            _end_canary()
        details = {"alias": PRODUCTION, "before": before and before.version, "gate": complaints}
        record(author, "forced" if complaints else "promoted", version, details)


def set_canary(
    named: NamedVersion, author: Author, *, gate_required: bool, force: bool = False
) -> None:
    """Make a version the canary, with no weight yet.

    Raises:
        RegistryError: it is in production, or the gate has not passed it and it is not forced.
    """
    with changing():
        version, before = find(named), meaning(CANARY)
        if version == before:
            return
        if version == meaning(PRODUCTION):
            message = f"{version.name} {version.version} is in production"
            raise RegistryError(message)
        complaints = _complaints(version) if gate_required else []
        _refuse(version, complaints, force=force)
        _point(CANARY, version)
        weigh(0)
        details = {"alias": CANARY, "before": before and before.version, "gate": complaints}
        record(author, "forced" if complaints else "canary_set", version, details)


def remove_canary(author: Author, details: dict[str, Any] | None = None) -> None:
    """Take the canary away, and its weight.

    Raises:
        RegistryError: there is none.
    """
    with changing():
        version = meaning(CANARY)
        if version is None:
            message = "there is no canary"
            raise RegistryError(message)
        _end_canary()
        record(author, "canary_removed", version, details)


def roll_back(author: Author) -> None:
    """Let production and the previous version change places, and take the canary away.

    Raises:
        RegistryError: there is no previous version.
    """
    with changing():
        production, previous = meaning(PRODUCTION), meaning(PREVIOUS)
        if production is None or previous is None:
            message = "there is no previous version to go back to"
            raise RegistryError(message)
        _point(PRODUCTION, previous)
        _point(PREVIOUS, production)
        canary = meaning(CANARY)
        _end_canary()
        details = {"before": production.version, "canary": canary and canary.version}
        record(author, "rolled_back", previous, details)


def weigh(weight: int) -> None:
    """Change the canary's weight; its measurements begin anew."""
    later = {"step": Canary.step + 1, "changed_date": fn.clock_timestamp()}
    Canary.update({"weight": weight, **later}).execute()


def _end_canary() -> None:
    ModelAlias.delete().where(ModelAlias.name == CANARY).execute()
    weigh(0)


def _point(alias: str, version: ModelVersion) -> None:
    (
        ModelAlias.insert(name=alias, model=version)
        .on_conflict(
            conflict_target=(ModelAlias.name,),
            update={ModelAlias.model: version, ModelAlias.changed_date: fn.clock_timestamp()},
        )
        .execute()
    )


def _complaints(version: ModelVersion) -> list[str]:
    """Return why the gate does not let a version through: nothing when it passed."""
    reports = GateReport.select().where(GateReport.model == version)
    latest = reports.order_by(GateReport.id.desc()).first()
    if latest is None:
        return ["there is no gate report"]
    if latest.verdict == "fail":
        return list(latest.reasons) or ["the gate did not pass it"]
    return []


def _refuse(version: ModelVersion, complaints: list[str], *, force: bool) -> None:
    if complaints and not force:
        message = f"{version.name} {version.version}: {'; '.join(complaints)}"
        raise RegistryError(message)
