"""What is in use: production, the canary, how much goes to it, and by what policy that changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from peewee import fn

from review_api.canary_schemas import CanaryChange, CanaryInfo, CanaryPolicy
from review_api.models import Canary, ModelAlias, ModelVersion
from review_api.registry import (
    CANARY,
    PRODUCTION,
    Author,
    RegistryError,
    changing,
    meaning,
    record,
    weigh,
)

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True)
class Situation:
    """What is in use at one moment.

    Attributes:
        production: the version in production, if any is.
        canary: the canary's version, if there is one.
        weight: how many ten thousandths of the visitors go to the canary.
        shadow: how many ten thousandths of the other reviews it scores unseen.
        step: counts the changes of weight.
        changed: when the weight last changed.
        age: how many seconds ago that was.
        policy: by what the weight changes by itself.
    """

    production: str | None
    canary: str | None
    weight: int
    shadow: int
    step: int
    changed: datetime
    age: float
    policy: CanaryPolicy

    def info(self) -> CanaryInfo:
        """Return what callers are told."""
        return CanaryInfo(
            weight=self.weight, version=self.canary, policy=self.policy, shadow=self.shadow
        )


def situation() -> Situation:
    """Return what is in use now, as of one moment."""
    row = Canary.select(
        Canary,
        fn.date_part("epoch", fn.clock_timestamp() - Canary.changed_date).alias("age"),
        _version_of(PRODUCTION).alias("production"),
        _version_of(CANARY).alias("canary"),
    ).dicts()[0]
    return Situation(
        production=row["production"],
        canary=row["canary"],
        weight=row["weight"] if row["canary"] else 0,
        shadow=row["shadow"],
        step=row["step"],
        changed=row["changed_date"],
        age=row["age"],
        policy=_policy(row["policy"]),
    )


def _version_of(alias: str) -> Any:  # noqa: ANN401 (peewee's expressions have no public type)
    meant = ModelVersion.select(ModelVersion.version).join(ModelAlias)
    return meant.where(ModelAlias.name == alias)


def _policy(stored: dict[str, Any]) -> CanaryPolicy:
    """Return a stored policy; another release may know more of it, or less."""
    known = {name: stored[name] for name in CanaryPolicy.model_fields if name in stored}
    return CanaryPolicy.model_validate(known)


def change(wanted: CanaryChange, author: Author) -> None:
    """Change weight, shadow and policy as far as they are given, each with its event.

    Raises:
        RegistryError: there is no canary that could have weight.
    """
    with changing():
        now, version = situation(), meaning(CANARY)
        if wanted.weight and version is None:
            message = "there is no canary that could have weight"
            raise RegistryError(message)
        if wanted.weight not in {None, now.weight}:
            weigh(wanted.weight or 0)
            record(author, "weight", version, {"before": now.weight, "after": wanted.weight})
        if wanted.shadow not in {None, now.shadow}:
            Canary.update(shadow=wanted.shadow).execute()
            record(author, "shadow", version, {"before": now.shadow, "after": wanted.shadow})
        if wanted.policy:
            _change_policy(now.policy, wanted.policy, author)


def _change_policy(before: CanaryPolicy, given: CanaryPolicy, author: Author) -> None:
    after = before.model_copy(update=given.model_dump(exclude_unset=True))
    if after == before:
        return
    Canary.update(policy=after.model_dump()).execute()
    record(author, "policy", details={"before": before.model_dump(), "after": after.model_dump()})
