"""A part's process: in a session of its own, with a log and a record."""

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil

from candor_local import logs, processes
from candor_local.home import Home
from candor_local.leftovers import write_record
from candor_local.postgres_user import extra_groups
from candor_local.services import Service


class Child:
    """A process that has been started for a service."""

    def __init__(self, service: Service, home: Home, inherited: Mapping[str, str]) -> None:
        self._stop_signal = service.stop_signal
        self._log = home.log(service.name)
        self._record = home.processes / f"{service.name}.json"
        self._process = _start(service, self._log, inherited)
        write_record(self._record, self._process, service.stop_signal)

    def exit_code(self) -> int | None:
        """Return how it ended (negative: by that signal), None while it runs."""
        logs.shorten(self._log)
        code: int | None = self._process.poll()
        return code

    def clean_up(self) -> None:
        """Kill what an ended process left in its session."""
        processes.kill_group(self._process.pid)
        self._record.unlink(missing_ok=True)

    def stop(self, seconds: float, hurried: Callable[[], bool]) -> None:
        """Stop it and all it started."""
        processes.stop(self._process, self._stop_signal, seconds, hurried)
        self._record.unlink(missing_ok=True)


def _start(service: Service, log: Path, inherited: Mapping[str, str]) -> psutil.Popen:
    with log.open("ab") as output:
        return psutil.Popen(
            service.command,
            env={**inherited, **service.environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=service.folder,
            start_new_session=True,
            user=service.user.pw_uid if service.user else None,
            group=service.user.pw_gid if service.user else None,
            extra_groups=extra_groups() if service.user else None,
        )
