"""Jobs that are processes of one machine: runs are rows, which `runner` takes up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from review_api.database import database, give_back
from review_api.jobs.interface import BusyError, UnknownJobError
from review_api.jobs.run_files import RunFiles
from review_api.jobs.schemas import JobInfo, RunInfo, stopped_by
from review_api.models import JobRun

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

ACTIVE = ("waiting", "running")
MOST_DIGITS = 18


class ProcessJobs:
    """The jobs of a commands file, on the machine of `review-api work`.

    Attributes:
        forgets_stopped: a run's row stays.
    """

    forgets_stopped = False

    def __init__(self, names: Collection[str], home: Path) -> None:
        self._names = sorted(names)
        self._home = home

    def jobs(self) -> list[JobInfo]:
        """Return all jobs, by name."""
        return [self._job_info(name) for name in self._names]

    def _job_info(self, name: str) -> JobInfo:
        last = _rows(name).first()
        info = run_info(last) if last else None
        return JobInfo(
            name=name,
            schedule=None,
            suspended=False,
            running=bool(info and info.is_active),
            last=info,
        )

    def runs(self, job: str) -> list[RunInfo]:
        """Return the runs that are still known, newest first."""
        self._check(job)
        return [run_info(row) for row in _rows(job)]

    def start(self, job: str, by: str) -> RunInfo:
        """Let the worker start a run; an index has it that only one of a job is active."""
        self._check(job)
        row = {"job": job, "state": "waiting", "started_by": by}
        made = JobRun.insert(row).on_conflict_ignore().returning(JobRun).execute()
        for run in made:
            return run_info(run)
        message = f"{job} runs already"
        raise BusyError(message)

    def log(self, job: str, run: str, tail: int | None = None) -> Iterator[bytes]:
        """Yield what the run has said, and what it says."""
        row = self._row(job, run)
        return _log(RunFiles(self._home / job, row.id), tail)

    def stop(self, job: str, run: str, by: str) -> RunInfo:
        """Stop a run that waits, or let the worker stop it."""
        with database.atomic():
            row = self._row(job, run, lock=True)
            if row.state not in ACTIVE or row.stop_wanted:
                message = f"the run {run} has ended" if row.state not in ACTIVE else "it is ending"
                raise BusyError(message)
            before = run_info(row)
            changes = {"stop_wanted": True, "reason": stopped_by(by)}
            JobRun.update(changes).where(JobRun.id == row.id).execute()
        return before

    def _check(self, job: str) -> None:
        if job not in self._names:
            message = f"there is no job {job[:100]}"
            raise UnknownJobError(message)

    def _row(self, job: str, run: str, *, lock: bool = False) -> JobRun:
        self._check(job)
        number = int(run) if run.isascii() and run.isdecimal() and len(run) <= MOST_DIGITS else 0
        found = _rows(job).where(JobRun.id == number)
        row: JobRun | None = (found.for_update() if lock else found).first()
        if row is None:
            message = f"there is no run {run[:100]} of {job}"
            raise UnknownJobError(message)
        return row


def _rows(job: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 (peewee has no types)
    return JobRun.select().where(JobRun.job == job).order_by(JobRun.id.desc())


def run_info(row: JobRun) -> RunInfo:
    """Return a row as what is said of a run."""
    return RunInfo(
        id=str(row.id),
        job=row.job,
        state=row.state,
        by=row.started_by,
        created=row.created_date,
        started=row.started_date,
        finished=row.finished_date,
        # While it runs this is why it is going to end.
        reason=None if row.state in ACTIVE else row.reason,
    )


def _log(files: RunFiles, tail: int | None) -> Iterator[bytes]:
    place = files.place_of_last(tail) if tail else 0
    while True:
        # First whether it ends, then what it said: so that its last words are not missed.
        active = _is_active(files.run)
        piece, place = files.read(place)
        while piece:
            yield piece
            piece, place = files.read(place)
        if not active:
            return
        yield b""


def _is_active(run: int) -> bool:
    """Say whether a run has yet to end, without keeping a connection while a log is sent."""
    try:
        return bool(JobRun.select().where((JobRun.id == run) & JobRun.state.in_(ACTIVE)).exists())
    finally:
        give_back()
