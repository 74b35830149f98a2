"""Starts the runs that wait, and watches over them: a part of ``review-api work``.

Each run is a process of a `shim`, which ends it when this process does. One runner at a time has
the folder of logs; what the one before left as running is none of its own, so it is marked failed
as soon as nothing of it lives.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, cast

import structlog
from peewee import ProgrammingError

from review_api.database import AWAY, give_back
from review_api.jobs.processes import ACTIVE
from review_api.jobs.run_files import RunFiles, locked, remove_others
from review_api.jobs.shim import Order
from review_api.models import JobRun

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from review_api.jobs.commands_file import Command
    from review_api.jobs.schemas import State

WORKER_ENDED = "the worker ended"
SLACK = 5.0
"""Seconds that a shim may take beyond the grace of its process."""

LONGEST_REASON = 500

log = structlog.get_logger()


@dataclass(frozen=True)
class Limits:
    """How much the runs may take.

    Attributes:
        log_bytes: of a run's log.
        kept: runs of a job that are remembered.
        grace: seconds that a process may take to end.
    """

    log_bytes: int
    kept: int
    grace: float


class Runner:
    """The processes of the runs."""

    def __init__(
        self,
        commands: Mapping[str, Command],
        home: Path,
        limits: Limits,
        environment: Mapping[str, str],
    ) -> None:
        """Know what may run.

        Args:
            commands: by the names of their jobs.
            home: the folder of logs.
            limits: how much they may take.
            environment: what all of them are given.
        """
        self._commands = commands
        self._home = home
        self._limits = limits
        self._environment = environment
        self._shims: dict[int, subprocess.Popen[bytes]] = {}
        self._began = time.monotonic()

    def work(self, interval: float, stop: threading.Event) -> None:
        """Run what is wanted until ``stop``, then end it all."""
        with _alone(self._home, interval, stop):
            self._began = time.monotonic()
            while not stop.is_set():
                self._look()
                stop.wait(interval)
            self.end()

    def _look(self) -> None:
        try:
            self.look()
        except (ProgrammingError, *AWAY) as error:
            log.warning("jobs wait", reason=str(error).strip())
        finally:
            give_back()

    def look(self) -> None:
        """Do what there is to do: note what has ended, stop, start."""
        self._note_ends()
        for row in JobRun.select().where(JobRun.state.in_(ACTIVE)).order_by(JobRun.id):
            self._attend_to(row)

    def _attend_to(self, row: JobRun) -> None:
        if row.state == "waiting":
            _finish(row, "stopped", row.reason) if row.stop_wanted else self._start(row)
        elif row.id not in self._shims:
            self._clear_away(row)
        elif row.stop_wanted:
            _let_go(self._shims[row.id])

    def _start(self, row: JobRun) -> None:
        if row.job not in self._commands:
            _finish(row, "failed", f"there is no job {row.job} any more")
            return
        try:
            self._shims[row.id] = self._started(row)
        except OSError as error:
            _finish(row, "failed", f"it cannot be started: {error}")
            return
        # A stop that was wanted meanwhile is seen at the next look.
        changes = {"state": "running", "started_date": datetime.now(UTC)}
        JobRun.update(changes).where(JobRun.id == row.id).execute()
        log.info("job started", job=row.job, run=row.id)

    def _started(self, row: JobRun) -> subprocess.Popen[bytes]:
        """Return the shim of a new run, which alone has the run's lock from now on."""
        files = self._files(row)
        files.folder.mkdir(parents=True, exist_ok=True)
        lock = locked(files.lock)
        if lock is None:
            raise BlockingIOError(None, "its lock is held")
        try:
            shim = subprocess.Popen(
                [sys.executable, "-m", "review_api.jobs.shim"],
                stdin=subprocess.PIPE,
                start_new_session=True,
                pass_fds=(lock,),
            )
        finally:
            os.close(lock)
        _send(shim, self._order(row, files, lock))
        return shim

    def _order(self, row: JobRun, files: RunFiles, lock: int) -> Order:
        command = self._commands[row.job]
        return Order(
            command=command.command,
            environment={**self._environment, **command.environment},
            folder=str(command.folder) if command.folder else None,
            log=str(files.log),
            limit=self._limits.log_bytes,
            grace=self._limits.grace,
            lock=lock,
        )

    def _files(self, row: JobRun) -> RunFiles:
        return RunFiles(self._home / row.job, row.id)

    def _note_ends(self) -> None:
        """Write how runs of our own have ended."""
        for run, shim in list(self._shims.items()):
            code = shim.poll()
            if code is not None:
                row = JobRun.get_by_id(run)
                _let_go(shim)
                _kill_what_is_left(self._files(row))
                self._close(row, code)
                del self._shims[run]

    def _close(self, row: JobRun, code: int, otherwise: str | None = None) -> None:
        """Write how a run ended, and forget those that are too old.

        Args:
            row: the run.
            code: the exit code.
            otherwise: why it failed, where that is not its own fault.
        """
        files = self._files(row)
        if row.stop_wanted:
            _finish(row, "stopped", row.reason)
        elif code == 0 and not otherwise:
            _finish(row, "succeeded", None)
        else:
            _finish(row, "failed", otherwise or reason(code, files.last_line()))
        files.lock.unlink(missing_ok=True)
        self._forget_old(row.job)

    def _clear_away(self, row: JobRun) -> None:
        """Mark a run of a worker that is gone, once nothing of it lives."""
        files = self._files(row)
        lock = locked(files.lock) if files.lock.exists() else -1
        if lock is None:
            if time.monotonic() > self._began + self._limits.grace + SLACK:
                _kill_what_is_left(files)
            return
        if lock >= 0:
            os.close(lock)
        self._close(row, 1, WORKER_ENDED)

    def _forget_old(self, job: str) -> None:
        rows = JobRun.select(JobRun.id).where(JobRun.job == job).order_by(JobRun.id.desc())
        kept = [row.id for row in rows.limit(self._limits.kept)]
        JobRun.delete().where((JobRun.job == job) & (JobRun.id < min(kept))).execute()
        if (self._home / job).is_dir():
            remove_others(self._home / job, kept)

    def end(self) -> None:
        """End all processes, in order as long as they have time."""
        with suppress(*AWAY, ProgrammingError):
            self._note_ends()
        for shim in self._shims.values():
            _let_go(shim)
        ends_at = time.monotonic() + self._limits.grace + SLACK
        for run, shim in self._shims.items():
            with suppress(subprocess.TimeoutExpired):
                shim.wait(max(0, ends_at - time.monotonic()))
            # While the database is away the next runner does this.
            with suppress(*AWAY, ProgrammingError):
                row = JobRun.get_by_id(run)
                _kill_what_is_left(self._files(row))
                self._close(row, 1, WORKER_ENDED)
        give_back()


@contextmanager
def _alone(home: Path, interval: float, stop: threading.Event) -> Iterator[None]:
    """Wait until no other runner has the folder of logs."""
    home.mkdir(parents=True, exist_ok=True)
    while (lock := locked(home / "runner.lock")) is None and not stop.is_set():
        stop.wait(interval)
    try:
        yield
    finally:
        if lock is not None:
            os.close(lock)


def _send(shim: subprocess.Popen[bytes], order: Order) -> None:
    pipe = cast("IO[bytes]", shim.stdin)
    with suppress(BrokenPipeError):  # It has ended already, which is seen at the next look.
        pipe.write(order.as_line())
        pipe.flush()


def _let_go(shim: subprocess.Popen[bytes]) -> None:
    """Close the pipe, at which the shim ends its process."""
    cast("IO[bytes]", shim.stdin).close()


def _finish(row: JobRun, state: State, why: str | None) -> None:
    changes = {"state": state, "reason": why, "finished_date": datetime.now(UTC)}
    JobRun.update(changes).where(JobRun.id == row.id).execute()
    log.info("job ended", job=row.job, run=row.id, state=state, reason=why)


def _kill_what_is_left(files: RunFiles) -> None:
    """Kill the group of a run whose shim is gone, if its lock says that there is any."""
    lock = locked(files.lock)
    if lock is not None:
        os.close(lock)
        return
    with suppress(ValueError, ProcessLookupError, PermissionError):
        os.killpg(int(files.lock.read_text()), signal.SIGKILL)


def reason(code: int, last_line: str) -> str:
    """Return why a run failed.

    Args:
        code: the exit code; above 128 that of a process that a signal ended.
        last_line: what it said last.
    """
    number = -code if code < 0 else code - 128
    try:
        how = f"ended by {signal.Signals(number).name}"
    except ValueError:
        how = f"exit code {code}"
    return (f"{how}: {last_line}" if last_line else how)[:LONGEST_REASON]


@contextmanager
def beside(runner: Runner | None, interval: float, stop: threading.Event) -> Iterator[None]:
    """Let a runner work in a thread of its own; should it fail, all ends.

    Other work may wait long for what is away, and a run should start and stop at once.
    """
    if runner is None:
        yield
        return

    def work() -> None:
        try:
            runner.work(interval, stop)
        finally:
            stop.set()

    thread = threading.Thread(target=work, name="jobs")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
