"""Whom Postgres runs as: it refuses to run as root, so root gives it a user of its own."""

import os
import pwd
import stat
import subprocess
from collections.abc import Iterable
from pathlib import Path

from candor_local.errors import CandorError

NAME_FOR_ROOT = "candor"


def our_name() -> str:
    """Return the name of the user that this process runs as.

    Raises:
        CandorError: the user has no name, and Postgres needs one.
    """
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        message = f"user id {os.geteuid()} has no name on this machine, and Postgres needs one"
        raise CandorError(message) from None


def server_user() -> pwd.struct_passwd:
    """Return the user that Postgres runs as, made first if we are root and it is missing."""
    if os.geteuid() != 0:
        our_name()
        return pwd.getpwuid(os.geteuid())
    try:
        return pwd.getpwnam(NAME_FOR_ROOT)
    except KeyError:
        _make_user(NAME_FOR_ROOT)
        return pwd.getpwnam(NAME_FOR_ROOT)


def _make_user(name: str) -> None:
    command = ["useradd", "--system", "--user-group", "--no-create-home", name]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        message = (
            f"Postgres does not run as root, and {' '.join(command)} failed: "
            f"make a user named {name}, or run Candor as another user than root"
        )
        raise CandorError(message) from None


def extra_groups() -> list[int] | None:
    """Return the further groups of a server that we start: none of root's, all of our own."""
    return [] if os.geteuid() == 0 else None


def let_pass(paths: Iterable[Path], user: pwd.struct_passwd) -> list[Path]:
    """Let others pass through the folders above some paths; return those that were changed.

    Only root needs this: its own folders are often closed to the user that Postgres runs as.
    Passing (`o+x`) shows nobody what is in a folder.
    """
    if user.pw_uid == os.geteuid():
        return []
    above = {folder for path in paths for folder in path.parents}
    closed = sorted(folder for folder in above if not folder.stat().st_mode & stat.S_IXOTH)
    for folder in closed:
        folder.chmod(folder.stat().st_mode | stat.S_IXOTH)
    return closed
