"""Folders for one user alone, and short ones for Unix sockets."""

import hashlib
import os
import pwd
import stat
from pathlib import Path

from candor_local.errors import CandorError

LONGEST_SOCKET_PATH = 103
"""Bytes; what every system allows (Linux 107, macOS 103)."""


def short_enough(folder: Path, socket: str) -> Path:
    """Return the folder, or where a socket's path in it would be too long, one at a short path."""
    if len(os.fsencode(folder / socket)) <= LONGEST_SOCKET_PATH:
        return folder
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return Path("/tmp") / f"candor-{digest}"  # noqa: S108  # make_private checks whose it is.


def make_private(folder: Path, uid: int, gid: int) -> None:
    """Make a folder that only this user (and root) can enter, if it is not there.

    Raises:
        CandorError: it is there and belongs to somebody else.
    """
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != uid:
            message = f"{folder} is not a folder of the user {name_of(uid)}: run as its owner"
            raise CandorError(message) from None
    else:
        os.chown(folder, uid, gid)


def name_of(uid: int) -> str:
    """Return a user's name, or the number of one without."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
