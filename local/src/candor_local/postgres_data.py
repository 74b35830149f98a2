"""The database files of the embedded Postgres: made the first time, checked every time."""

import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import psutil

from candor_local import processes
from candor_local.errors import CandorError
from candor_local.folders import make_private
from candor_local.postgres import DATABASE, SOCKET, VERSION, Postgres, programs
from candor_local.postgres_user import extra_groups, let_pass, our_name


def prepare(server: Postgres, say: Callable[[str], None]) -> None:
    """Make everything ready for the server to start: folders, database, no stale lock.

    Raises:
        CandorError: the data is of another version or of another user.
    """
    make_private(server.folder, server.user.pw_uid, server.user.pw_gid)
    for folder in let_pass((server.folder, programs() / "postgres"), server.user):
        say(f"Let {server.user.pw_name}, who runs Postgres, pass through {folder} (o+x)")
    make_private(server.socket_folder, server.user.pw_uid, server.user.pw_gid)
    if server.data.exists():
        check_version(server.data)
        end_stale_server(server)
    else:
        say("Making the database")
        create_database(server)


def check_version(data: Path) -> None:
    """Raise CandorError when this Postgres cannot read the data."""
    version_file = data / "PG_VERSION"
    version = version_file.read_text().strip() if version_file.exists() else "unknown"
    if version != VERSION:
        message = (
            f"The data in {data} is of Postgres {version}, and this is {VERSION}: "
            "move it with pg_dump of the old version, or set CANDOR_HOME to a new folder"
        )
        raise CandorError(message)


def create_database(server: Postgres) -> None:
    """Make the data with an empty database in it; it appears whole or not at all."""
    beside = server.folder / "data.new"
    if beside.exists():
        shutil.rmtree(beside)
    # The collation comes from Postgres, so that order does not change with the machine.
    locale = ("--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    auth = ("--auth-local=peer", "--auth-host=reject")
    _run(server, "initdb", "-D", str(beside), "-U", our_name(), "--encoding=UTF8", *locale, *auth)
    alone = ("--single", "-D", str(beside), "postgres")
    _run(server, "postgres", *alone, text=f"create database {DATABASE};\n")
    beside.rename(server.data)


def end_stale_server(server: Postgres) -> None:
    """Stop a server that nobody recorded, and remove the lock of one that is gone.

    Postgres takes the number in its lock for alive when any process of the user has it by now.
    """
    lock = server.data / "postmaster.pid"
    if not lock.exists():
        return
    # Empty if the machine went down at the wrong moment.
    pids = lock.read_text().split()[:1]
    process = _postmaster(int(pids[0]), server.data) if pids else None
    if process:
        processes.stop(process, signal.SIGINT, seconds=10)
    lock.unlink(missing_ok=True)
    (server.socket_folder / f"{SOCKET}.lock").unlink(missing_ok=True)


def _postmaster(pid: int, data: Path) -> psutil.Process | None:
    try:
        process = psutil.Process(pid)
        is_ours = process.name() == "postgres" and Path(process.cwd()) == data.resolve()
    except psutil.Error:
        return None
    return process if is_ours else None


def _run(server: Postgres, program: str, *arguments: str, text: str = "") -> None:
    done = subprocess.run(
        [programs() / program, *arguments],
        input=text,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        cwd=server.folder,
        start_new_session=True,
        user=server.user.pw_uid,
        group=server.user.pw_gid,
        extra_groups=extra_groups(),
    )
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or ["it did not say why"]
        raise CandorError(f"{program} failed: {last[0]}")
