"""What an owner can do about other owners and about tokens."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from pydantic import TypeAdapter
from werkzeug.exceptions import BadRequest

from review_ui.admin.access.accounts import NewToken, fetch_tokens
from review_ui.admin.actions import Action, Answers, Secret
from review_ui.admin.dialog import Field, Question
from review_ui.owner_calls import OwnerCalls, shaped

NO_TARGET = ""
SHORTEST_PASSWORD = 8
SCOPES = (
    "reviews:read",
    "reviews:attest",
    "scrape:write",
    "training:read",
    "models:read",
    "models:write",
    "admin",
)
# How long a token is good for, in days; the first is what is offered.
LIFETIMES: Mapping[str, int | None] = {
    "90 days": 90,
    "30 days": 30,
    "1 year": 365,
    "for ever": None,
}

_NEW_TOKEN = TypeAdapter(NewToken)


def ask_new_user(_calls: OwnerCalls, _target: str) -> Question:
    """Who is to be let in."""
    return Question(
        "Add an owner",
        "Owners may do everything that these pages offer, also to each other's accounts.",
        "Add",
        [Field("username", "User name", required=True, longest=100), _password_field()],
    )


def ask_password(_calls: OwnerCalls, username: str) -> Question:
    """An owner's new password."""
    return Question(
        f"A new password for {username}",
        "Their present sessions end. If this is you, you log in again.",
        "Set the password",
        [_password_field()],
    )


def ask_user_removal(_calls: OwnerCalls, username: str) -> Question:
    """Before an owner is removed."""
    return Question(
        f"Remove {username}?",
        "Their sessions end at once. They can be added again, with a new password.",
        "Remove",
        is_dangerous=True,
    )


def ask_new_token(_calls: OwnerCalls, _target: str) -> Question:
    """What a new token is for."""
    return Question(
        "Make a token",
        "Programs send it as “Authorization: Bearer …”. Its secret is shown once, when it is made.",
        "Make it",
        [
            Field("name", "What it is for", required=True, longest=100),
            Field("scopes", "What it may do", "choices", ["reviews:read"], options=SCOPES),
            Field("lifetime", "Good for", "options", next(iter(LIFETIMES)), options=[*LIFETIMES]),
        ],
    )


def ask_revocation(calls: OwnerCalls, target: str) -> Question:
    """Before a token is revoked."""
    names = {str(token.id): token.name for token in fetch_tokens(calls)}
    return Question(
        f"Revoke the token {names.get(target, target)}?",
        "Whoever uses it is refused at once. This cannot be undone, but another token can be made.",
        "Revoke it",
        is_dangerous=True,
    )


def add_user(calls: OwnerCalls, _target: str, answers: Answers) -> str:
    """Let somebody in."""
    calls.act("POST", "/api/users", _body(answers, "username", "password"))
    return f"{answers.get('username')} can log in now."


def set_password(calls: OwnerCalls, username: str, answers: Answers) -> str:
    """Change a password."""
    calls.act("PUT", f"/api/users/{quote(username, safe='')}/password", _body(answers, "password"))
    return f"{username} has a new password."


def remove_user(calls: OwnerCalls, username: str, _answers: Answers) -> str:
    """Let somebody in no longer."""
    calls.act("DELETE", f"/api/users/{quote(username, safe='')}")
    return f"{username} is removed."


def make_token(calls: OwnerCalls, _target: str, answers: Answers) -> Secret:
    """Make a token and show its secret."""
    body = {**_body(answers, "name", "scopes"), "expires": expiry(answers.get("lifetime"))}
    response = calls.act("POST", "/api/tokens", body)
    made = shaped(_NEW_TOKEN, response, calls.acting.name)
    return Secret(
        f"The token {answers.get('name')}",
        "Keep it now: nobody can read it again.",
        made.token,
    )


def revoke_token(calls: OwnerCalls, target: str, _answers: Answers) -> str:
    """Revoke a token."""
    calls.act("DELETE", f"/api/tokens/{quote(target, safe='')}")
    return "The token is revoked."


def expiry(lifetime: object) -> str | None:
    """When a token made now ends, as the API takes it."""
    if lifetime not in LIFETIMES:
        raise BadRequest
    days = LIFETIMES[str(lifetime)]
    return None if days is None else (datetime.now(UTC) + timedelta(days=days)).isoformat()


ACCESS_ACTIONS: Mapping[str, Action] = {
    "add-user": Action(ask_new_user, add_user),
    "set-password": Action(ask_password, set_password),
    "remove-user": Action(ask_user_removal, remove_user),
    "make-token": Action(ask_new_token, make_token),
    "revoke-token": Action(ask_revocation, revoke_token),
}


def _body(answers: Answers, *names: str) -> dict[str, Any]:
    return {name: answers.get(name) for name in names}


def _password_field() -> Field:
    hint = f"At least {SHORTEST_PASSWORD} characters."
    return Field("password", "Password", "password", required=True, hint=hint)
