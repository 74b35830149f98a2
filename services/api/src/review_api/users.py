"""Admins and their passwords, kept as argon2id hashes."""

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from review_api.database import database
from review_api.models import Admin, Session

SHORTEST_PASSWORD = 8

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
