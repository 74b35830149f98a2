"""What an owner can do with models: each action asks first, and the API keeps an event of it."""

from collections.abc import Mapping
from typing import Any

from review_ui.admin.actions import Action, Answers, number_of
from review_ui.admin.dialog import Field, Question, reason_field
from review_ui.admin.models.registry import Alias, Policy, fetch_canary, fetch_version
from review_ui.owner_calls import OwnerCalls

# Weights and shares are ten thousandths; people are asked in percent.
PER_PERCENT = 100
NO_TARGET = ""
# What of the policy is asked for as it is.
PLAIN_NUMBERS = ("p99_ms", "interval_seconds", "least_answers", "least_rated")


def ask_promote(_calls: OwnerCalls, key: str) -> Question:
    """Before a version goes into production."""
    return Question(
        f"Promote {_spoken(key)}?",
        "It answers all visitors from now on. What is in production becomes the previous "
        "version, which you can roll back to.",
        "Promote it",
        [reason_field()],
    )


def ask_canary(_calls: OwnerCalls, key: str) -> Question:
    """Before a version becomes the canary."""
    return Question(
        f"Make {_spoken(key)} the canary?",
        "It is made ready beside production, and gets no visitors before you give it a weight. "
        "It takes the place of the present canary, if there is one.",
        "Make it the canary",
        [reason_field()],
    )


def ask_force(calls: OwnerCalls, key: str) -> Question:
    """Before a version goes on although the gate speaks against it."""
    gate = fetch_version(calls, key).gate
    return Question(
        f"The gate stopped {_spoken(key)}",
        "You can do it all the same. The reason is kept with your name.",
        "Do it all the same",
        [reason_field(required=True)],
        reasons=gate.reasons if gate else (),
        is_dangerous=True,
    )


def ask_rollback(_calls: OwnerCalls, _target: str) -> Question:
    """Before production goes back."""
    return Question(
        "Roll back to the previous version?",
        "Production and the previous version change places, and the canary is removed. "
        "Rolling back once more brings the present version back.",
        "Roll back",
        [reason_field(required=True)],
        is_dangerous=True,
    )


def ask_removal(_calls: OwnerCalls, _target: str) -> Question:
    """Before the canary is removed."""
    return Question(
        "Remove the canary?",
        "All visitors get the version in production again. The version stays registered, and "
        "can become the canary again.",
        "Remove it",
        [reason_field()],
        is_dangerous=True,
    )


def ask_weight(calls: OwnerCalls, _target: str) -> Question:
    """How many visitors the canary gets."""
    canary = fetch_canary(calls)
    return Question(
        "How many visitors get the canary?",
        "A visitor sees one version only. What is measured starts afresh with each new weight.",
        "Set the weight",
        [_percent_field("weight", "Visitors in percent", canary.weight), reason_field()],
    )


def ask_shadow(calls: OwnerCalls, _target: str) -> Question:
    """How many reviews the canary scores unseen."""
    canary = fetch_canary(calls)
    return Question(
        "How many reviews does the canary score in the shadow?",
        "It scores them as well as production does, and nobody is shown the answer.",
        "Set the share",
        [_percent_field("shadow", "Reviews in percent", canary.shadow), reason_field()],
    )


def ask_policy(calls: OwnerCalls, _target: str) -> Question:
    """By which rules the canary moves on by itself."""
    return Question(
        "The canary's policy",
        "At each interval a canary that is worse than these limits is removed, and one that is "
        "not gets a step more, once enough is known of it.",
        "Save the policy",
        [*_policy_fields(fetch_canary(calls).policy), reason_field()],
    )


def promote(calls: OwnerCalls, key: str, answers: Answers) -> str:
    """Put the version into production."""
    _set_alias(calls, "production", key, answers)
    return f"{_spoken(key)} is in production."


def make_canary(calls: OwnerCalls, key: str, answers: Answers) -> str:
    """Make the version the canary."""
    _set_alias(calls, "canary", key, answers)
    return f"{_spoken(key)} is the canary. It gets no visitors before it has a weight."


def force_promotion(calls: OwnerCalls, key: str, answers: Answers) -> str:
    """Put the version into production although the gate speaks against it."""
    _set_alias(calls, "production", key, answers, force=True)
    return f"{_spoken(key)} is in production, against the gate."


def force_canary(calls: OwnerCalls, key: str, answers: Answers) -> str:
    """Make the version the canary although the gate speaks against it."""
    _set_alias(calls, "canary", key, answers, force=True)
    return f"{_spoken(key)} is the canary, against the gate."


def roll_back(calls: OwnerCalls, _target: str, answers: Answers) -> str:
    """Let production and the previous version change places."""
    calls.act("POST", "/api/model-aliases/production/rollback", _given(answers, "reason"))
    return "Production is what it was before."


def remove_canary(calls: OwnerCalls, _target: str, answers: Answers) -> str:
    """Take the canary away."""
    calls.act("DELETE", "/api/model-aliases/canary", _given(answers, "reason"))
    return "The canary is removed."


def set_weight(calls: OwnerCalls, _target: str, answers: Answers) -> str:
    """Give the canary its share of the visitors."""
    return _set_share(calls, "weight", answers, "of the visitors get the canary")


def set_shadow(calls: OwnerCalls, _target: str, answers: Answers) -> str:
    """Give the canary its share of the reviews to score unseen."""
    return _set_share(calls, "shadow", answers, "of the reviews are scored in the shadow")


def set_policy(calls: OwnerCalls, _target: str, answers: Answers) -> str:
    """Change the rules."""
    policy = {
        "enabled": bool(answers.get("enabled")),
        "promote": bool(answers.get("promote")),
        **{name: _ten_thousandths(number_of(answers, name)) for name in ("step", "max")},
        **{
            name: number_of(answers, name) / PER_PERCENT
            for name in ("success_rate", "agreement_drop")
        },
        **{name: number_of(answers, name) for name in PLAIN_NUMBERS},
    }
    calls.act("PUT", "/api/canary", {"policy": policy, **_given(answers, "reason")})
    return f"The policy is saved and {'on' if policy['enabled'] else 'off'}."


MODEL_ACTIONS: Mapping[str, Action] = {
    "promote": Action(ask_promote, promote, otherwise="force-promotion"),
    "make-canary": Action(ask_canary, make_canary, otherwise="force-canary"),
    "force-promotion": Action(ask_force, force_promotion),
    "force-canary": Action(ask_force, force_canary),
    "roll-back": Action(ask_rollback, roll_back),
    "remove-canary": Action(ask_removal, remove_canary),
    "weight": Action(ask_weight, set_weight),
    "shadow": Action(ask_shadow, set_shadow),
    "policy": Action(ask_policy, set_policy),
}


def _spoken(key: str) -> str:
    return key.replace("/", " ")


def _given(answers: Answers, *names: str) -> dict[str, Any]:
    """Those of the answers that are not empty."""
    return {name: answers[name] for name in names if answers.get(name) is not None}


def _set_alias(
    calls: OwnerCalls, alias: Alias, key: str, answers: Answers, *, force: bool = False
) -> None:
    name, _, version = key.partition("/")
    body = {"name": name, "version": version, "force": force, **_given(answers, "reason")}
    calls.act("PUT", f"/api/model-aliases/{alias}", body)


def _set_share(calls: OwnerCalls, name: str, answers: Answers, done: str) -> str:
    share = _ten_thousandths(number_of(answers, name))
    calls.act("PUT", "/api/canary", {name: share, **_given(answers, "reason")})
    return f"{share / PER_PERCENT:g} % {done}."


def _ten_thousandths(per_cent: float) -> int:
    return round(per_cent * PER_PERCENT)


def _percent_field(name: str, label: str, ten_thousandths: float, most: float = 100) -> Field:
    percent = round(ten_thousandths / PER_PERCENT, 2)
    return Field(name, label, "number", percent, required=True, least=0, most=most, step=0.01)


def _policy_fields(policy: Policy) -> list[Field]:
    return [
        Field("enabled", "Let the policy decide", "switch", policy.enabled),
        Field("promote", "Promote a canary that is good at its most", "switch", policy.promote),
        _percent_field("step", "Step in percent of the visitors", policy.step),
        _percent_field("max", "Most in percent of the visitors", policy.max, 95),
        _percent_field("success_rate", "Least success in percent", policy.success_rate * 1e4),
        _number_field("p99_ms", "Most milliseconds of 99 % of the calls", policy.p99_ms),
        _percent_field(
            "agreement_drop", "Most loss of agreement in percent", policy.agreement_drop * 1e4
        ),
        _number_field("interval_seconds", "Seconds between decisions", policy.interval_seconds),
        _number_field("least_answers", "Least answers to decide on", policy.least_answers, 200),
        _number_field("least_rated", "Least rated reviews to decide on", policy.least_rated, 50),
    ]


def _number_field(name: str, label: str, value: float, least: float = 1) -> Field:
    return Field(name, label, "number", value, required=True, least=least, step=1)
