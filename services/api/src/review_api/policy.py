"""The canary by itself: more weight while it is good, away with it when it is not.

What may be chance decides nothing. The canary is worse when its calls fail or last too long, or
when people disagree with it more often than with production by more than the policy allows and by
more than chance explains. It is good when no figure says that it is worse; else it waits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import structlog

from review_api import agreement, canary, measurements, registry
from review_api.agreement import Scored
from review_api.canary_schemas import CanaryChange
from review_api.database import database
from review_api.measurements import Calls
from review_api.model_schemas import NamedVersion
from review_api.model_server import ModelServer, ModelUnavailableError, ReviewRefusedError
from review_api.models import Canary, ModelCallCount, ModelEvent
from review_api.registry import Author, RegistryError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from review_api.canary import Situation
    from review_api.canary_schemas import CanaryPolicy

LOOK_EVERY = 2.0
"""Seconds between two looks: a bad canary is gone soon after there is enough to know it by."""

CERTAINTY = 3.29
"""Standard errors that chance hardly ever exceeds, once in 2,000 looks at one figure."""

LEAST_OF_A_CLASS = 10
"""Reviews of a class below which the class says nothing by itself."""

PROBE = "It works as it should."
WHO = "policy"

log = structlog.get_logger()


@dataclass(frozen=True)
class Evidence:
    """What is known of a version since the weight last changed."""

    calls: Calls
    scored: Scored


@dataclass(frozen=True)
class Judgement:
    """What the evidence says of the canary, and why."""

    verdict: Literal["wait", "worse", "good"]
    reason: str


def judge(policy: CanaryPolicy, new: Evidence, old: Evidence) -> Judgement:
    """Return what the evidence of the canary and of production says of the canary."""
    calls = new.calls.answers + new.calls.failures
    if calls < policy.least_answers:
        return Judgement("wait", f"{calls} of {policy.least_answers} calls")
    if failing := _failing(policy, new.calls):
        return Judgement("worse", failing)
    if missing := _missing(policy, new, "canary") or _missing(policy, old, "production"):
        return Judgement("wait", missing)
    differences = {"all": _difference(new.scored, old.scored), "balanced": _balanced(new, old)}
    return _judge_agreement(policy, differences)


def _failing(policy: CanaryPolicy, calls: Calls) -> str | None:
    """Return by which limit the calls are bad, if by any."""
    rate, p99 = calls.success_rate or 0.0, calls.quantile(0.99)
    if rate < policy.success_rate:
        return f"{rate:.1%} of the calls succeed, below {policy.success_rate:.1%}"
    if p99 is not None and p99 > policy.p99_ms:
        return f"the 99th percentile is {p99:.0f} ms, above {policy.p99_ms:.0f} ms"
    return None


def _missing(policy: CanaryPolicy, evidence: Evidence, whose: str) -> str | None:
    rated = evidence.scored.rated.total()
    if evidence.calls.answers < policy.least_answers:
        return f"{evidence.calls.answers} of {policy.least_answers} answers of {whose}"
    if rated < policy.least_rated:
        return f"{rated} of {policy.least_rated} rated reviews of {whose}"
    return None


@dataclass(frozen=True)
class Difference:
    """How much more often people agree with the canary than with production.

    Attributes:
        measured: the difference of the two shares.
        highest: what the true difference hardly exceeds.
    """

    measured: float
    highest: float


def _difference(new: Scored, old: Scored) -> Difference:
    """Return the difference of all reviews together."""
    one = _share(new.agreeing.total(), new.rated.total())
    other = _share(old.agreeing.total(), old.rated.total())
    return _of_shares([(one, other)])


def _balanced(new: Evidence, old: Evidence) -> Difference | None:
    """Return the difference with each class counting the same, if there is enough of any.

    Where most people are content, a model that always says "good" is nearly always right; here it
    is not.
    """
    shares = [
        (
            _share(new.scored.agreeing[name], new.scored.rated[name]),
            _share(old.scored.agreeing[name], old.scored.rated[name]),
        )
        for name in new.scored.rated
        if min(new.scored.rated[name], old.scored.rated[name]) >= LEAST_OF_A_CLASS
    ]
    return _of_shares(shares) if shares else None


Share = tuple[float, float, float]
"""A share as it was measured; a cautious estimate of it, and of its variance."""


def _share(agreeing: int, rated: int) -> Share:
    """Return a share; the estimates are Agresti and Caffo's, sound for few reviews too."""
    estimate = (agreeing + 1) / (rated + 2)
    return agreeing / rated, estimate, estimate * (1 - estimate) / (rated + 2)


def _of_shares(pairs: list[tuple[Share, Share]]) -> Difference:
    """Return the mean difference of pairs of shares."""
    count = len(pairs)
    measured = sum(new[0] - old[0] for new, old in pairs) / count
    estimate = sum(new[1] - old[1] for new, old in pairs) / count
    error = math.sqrt(sum(new[2] + old[2] for new, old in pairs)) / count
    return Difference(measured, estimate + CERTAINTY * error)


def _judge_agreement(
    policy: CanaryPolicy, differences: Mapping[str, Difference | None]
) -> Judgement:
    verdict = Judgement("good", "its calls and people's agreement are no worse than production's")
    for name, found in differences.items():
        if found is None or found.measured >= -policy.agreement_drop:
            continue
        said = f"people agree with it {-found.measured:.1%} less often ({name})"
        if found.highest < 0:
            return Judgement("worse", f"{said}, more than chance explains")
        verdict = Judgement("wait", f"{said}, which may be chance")
    return verdict


@dataclass(frozen=True)
class Keeper:
    """Does what the policy says.

    Attributes:
        canary_server: where the canary is served, to see that it is before it gets weight.
        gate_required: promote only what the gate has passed, also when the canary was forced.
    """

    canary_server: ModelServer | None
    gate_required: bool

    def look(self) -> None:
        """Look at the canary once; only one worker does at a time."""
        seen = canary.situation()
        if seen.canary is None or not seen.policy.enabled:
            return
        serves = seen.weight > 0 or self._serves(seen.canary)
        with database.atomic():
            if not _alone():
                return
            now = canary.situation()
            if now.step == seen.step and now.policy.enabled and now.canary:
                self._act(now, now.canary, serves=serves)

    def _serves(self, version: str) -> bool:
        try:
            server = self.canary_server
            return server is not None and server.predict(PROBE).model_version == version
        except (ModelUnavailableError, ReviewRefusedError):
            return False

    def _act(self, now: Situation, version: str, *, serves: bool) -> None:
        if now.weight == now.shadow == 0:
            if serves and not _was_stopped(version):
                _step(now, "the canary begins")
            return
        judgement = judge(now.policy, *_evidence(now, version))
        if judgement.verdict == "worse":
            registry.remove_canary(Author(WHO, judgement.reason), {"weight": now.weight})
            log.warning("canary removed", version=version, reason=judgement.reason)
        elif judgement.verdict == "good" and now.age >= now.policy.interval_seconds:
            self._go_on(now, judgement.reason)

    def _go_on(self, now: Situation, reason: str) -> None:
        """Give the canary more; at the most, promote it if the policy says so."""
        if now.weight < now.policy.max:
            _step(now, reason)
        elif now.policy.promote:
            self._promote(reason)

    def _promote(self, reason: str) -> None:
        version = registry.meaning(registry.CANARY)
        if version is None:
            return
        named = NamedVersion(name=version.name, version=version.version)
        try:
            registry.promote(named, Author(WHO, reason), gate_required=self.gate_required)
        except RegistryError as error:
            log.warning("canary not promoted", reason=str(error))


def _alone() -> bool:
    """Take the lock of all changes, unless somebody has it: they change what there is to see."""
    return bool(list(Canary.select(Canary.id).for_update(skip_locked=True)))


def _evidence(now: Situation, version: str) -> tuple[Evidence, Evidence]:
    """Return what is known of the canary, also from shadow scoring, and of production."""
    calls = measurements.read(ModelCallCount.step == now.step)
    seen, unseen = agreement.scored_since(now.changed), agreement.shadows_since(now.changed)
    production = now.production or ""
    new = Evidence(
        calls.get((version, "canary"), Calls({})) + calls.get((version, "shadow"), Calls({})),
        seen.get(version, Scored()) + unseen.get(version, Scored()),
    )
    old = Evidence(calls.get((production, "production"), Calls({})), seen.get(production, Scored()))
    return new, old


def _was_stopped(version: str) -> bool:
    """Say whether somebody took the canary's weight away: then it does not come back by itself."""
    events = ModelEvent.select().where(ModelEvent.version == version)
    latest = events.where(ModelEvent.action != "gated").order_by(ModelEvent.id.desc()).first()
    return latest is not None and latest.action == "weight"


def _step(now: Situation, reason: str) -> None:
    weight = min(now.weight + now.policy.step, now.policy.max)
    canary.change(CanaryChange(weight=weight), Author(WHO, reason))
    log.info("canary goes on", version=now.canary, weight=weight)
