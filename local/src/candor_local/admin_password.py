"""The first admin's password: from ADMIN_PASSWORD, or made here and shown once."""

from candor_local.home import Home
from candor_local.settings import Settings

FILE_NAME = "admin-password"


def choose(settings: Settings, home: Home, *, new_database: bool) -> str | None:
    """Return the password for the migration to make the first admin with.

    A database that is not new has its admin, so no password is made for it.
    """
    if settings.admin_password:
        if new_database:
            (home.secrets / FILE_NAME).unlink(missing_ok=True)
        return settings.admin_password.get_secret_value()
    return home.secret(FILE_NAME) if new_database else home.existing_secret(FILE_NAME)


def describe(home: Home) -> str:
    """Return what to tell about the password: itself the first time, then where it is."""
    made = home.existing_secret(FILE_NAME)
    if made is None:
        return "the one in ADMIN_PASSWORD at the first start"
    if home.announced.exists():
        return f"the one made at the first start (kept in {home.secrets / FILE_NAME})"
    home.announced.touch()
    return made
