"""Admins and their passwords, kept as argon2id hashes; ``/api/users``."""

from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from flask import Blueprint, Response, jsonify

from review_api import audit
from review_api.access import caller
from review_api.bodies import read_json
from review_api.database import database
from review_api.models import Admin, Session
from review_api.operations import describe
from review_api.problems import Problem
from review_api.schemas import SHORTEST_PASSWORD, NewPassword, NewUser, UserInfo

blueprint = Blueprint("users", __name__)

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""OWASP's parameters: 19 MiB, so that logins at the same time cannot exhaust the memory."""

NOBODYS_HASH = (
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA"
    "$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)
"""Verified for unknown names, so that they take as long as known ones."""


class UserError(Exception):
    """An admin cannot be made, changed or removed, with the reason."""


def hash_password(password: str) -> str:
    """Return the hash to store.

    Raises:
        UserError: when the password is too short.
    """
    if len(password) < SHORTEST_PASSWORD:
        message = f"a password needs at least {SHORTEST_PASSWORD} characters"
        raise UserError(message)
    return HASHER.hash(password)


def verified(username: str, password: str) -> Admin | None:
    """Return the admin with this name and password, or None."""
    admin: Admin | None = Admin.get_or_none(Admin.username == username)
    try:
        HASHER.verify(admin.password_hash if admin else NOBODYS_HASH, password)
    except VerificationError:
        return None
    return admin


def add(username: str, password: str) -> None:
    """Make an admin.

    Raises:
        UserError: when the name is taken or the password too short.
    """
    row = {"username": username, "password_hash": hash_password(password)}
    if not Admin.insert(row).on_conflict_ignore().returning(Admin.id).execute():
        message = f"there already is an admin {username}"
        raise UserError(message)


def change_password(username: str, password: str) -> None:
    """Give an admin a new password and end their sessions.

    Raises:
        UserError: when there is no such admin or the password is too short.
    """
    hashed = hash_password(password)
    admin = existing(username)
    with database.atomic():
        Admin.update(password_hash=hashed).where(Admin.id == admin.id).execute()
        Session.delete().where(Session.admin == admin).execute()


def remove(username: str) -> None:
    """Remove an admin and end their sessions.

    Raises:
        UserError: when there is no such admin.
    """
    Admin.delete().where(Admin.id == existing(username).id).execute()


def existing(username: str) -> Admin:
    """Return the admin of this name, or raise `UserError`."""
    admin: Admin | None = Admin.get_or_none(Admin.username == username)
    if admin is None:
        message = f"there is no admin {username}"
        raise UserError(message)
    return admin


def every() -> list[str]:
    """Return the names of all admins."""
    return [admin.username for admin in Admin.select().order_by(Admin.username)]


@blueprint.get("/api/users")
@describe("List the admins.", scope="admin", answer=list[UserInfo], problems=(401, 403, 503))
def list_users() -> Response:
    """Answer with all admins, by name."""
    return jsonify([_info(admin) for admin in Admin.select().order_by(Admin.username)])


@blueprint.post("/api/users")
@describe(
    "Make an admin; 409 when the name is taken.",
    scope="admin",
    json=NewUser,
    answer=UserInfo,
    status=201,
    problems=(400, 401, 403, 409, 413, 415, 503),
)
def create_user() -> tuple[Response, int]:
    """Answer with the new admin."""
    new = read_json(NewUser)
    try:
        with audit.recorded(caller().name, "user_added", new.username):
            add(new.username, new.password)
    except UserError as error:
        raise Problem(409, str(error)) from None
    return jsonify(_info(existing(new.username))), 201


@blueprint.put("/api/users/<username>/password")
@describe(
    "Give an admin a new password and end their sessions.",
    scope="admin",
    json=NewPassword,
    status=204,
    problems=(400, 401, 403, 404, 413, 415, 503),
)
def set_password(username: str) -> Response:
    """Change a password."""
    new = read_json(NewPassword)
    known = _known(username)
    with audit.recorded(caller().name, "password_changed", known):
        change_password(known, new.password)
    return Response(status=204)


@blueprint.delete("/api/users/<username>")
@describe(
    "Remove an admin and end their sessions; 409 for oneself and for the last one.",
    scope="admin",
    status=204,
    problems=(401, 403, 404, 409, 503),
)
def delete_user(username: str) -> Response:
    """Remove somebody else."""
    known = _known(username)
    if caller().session_expires and caller().name == known:
        raise Problem(409, "nobody removes themselves")
    with audit.recorded(caller().name, "user_removed", known):
        # All are locked, so that two admins cannot remove each other at the same time.
        everybody = list(Admin.select().order_by(Admin.id).for_update())
        if len(everybody) == 1:
            raise Problem(409, "the last admin cannot be removed")
        remove(known)
    return Response(status=204)


def _known(username: str) -> str:
    """Return the name of an admin that there is.

    Raises:
        Problem: 404 when there is none.
    """
    if "\0" in username or not Admin.select().where(Admin.username == username).exists():
        raise Problem(404, "there is no such admin")
    return username


def _info(admin: Admin) -> dict[str, Any]:
    info = UserInfo(username=admin.username, created_date=admin.created_date)
    return info.model_dump(mode="json")
