"""What a caller does with jobs, each deed with its audit event."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

from review_api import audit
from review_api.database import database
from review_api.jobs.schemas import JobInfo, RunInfo, stopped_by
from review_api.models import AuditEvent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from review_api.jobs.interface import Jobs

MOST_RUNS = 20
"""How many runs of a job are told of."""

START_LOCK = 0x4A6F627300000000
"""The key of the advisory lock under which a job is started: "Jobs" in ASCII, and its name."""


def listed(jobs: Jobs) -> list[JobInfo]:
    """Return all jobs, each with its last run."""
    return [
        job.model_copy(update={"last": next(iter(_with_stopped(jobs, job.name, [job.last])), None)})
        for job in jobs.jobs()
    ]


def runs(jobs: Jobs, job: str) -> list[RunInfo]:
    """Return a job's runs, newest first."""
    return _with_stopped(jobs, job, jobs.runs(job))[:MOST_RUNS]


def _with_stopped(jobs: Jobs, job: str, found: Iterable[RunInfo | None]) -> list[RunInfo]:
    """Return runs with those that were forgotten when they were stopped, newest first."""
    known = {run.id: run for run in found if run}
    stopped = {run.id: run for run in _stopped(job)} if jobs.forgets_stopped else {}
    return sorted((stopped | known).values(), key=_age, reverse=True)


def _age(run: RunInfo) -> tuple[float, str]:
    return run.created.timestamp(), run.id


def _stopped(job: str) -> list[RunInfo]:
    """Return runs as the audit events have them."""
    is_stop = (AuditEvent.action == "job_stopped") & (AuditEvent.subject == job)
    events = AuditEvent.select().where(is_stop).order_by(AuditEvent.id.desc()).limit(MOST_RUNS)
    return [
        RunInfo.model_validate(
            event.details
            | {"state": "stopped", "finished": event.created_date, "reason": stopped_by(event.who)}
        )
        for event in events
    ]


def start(jobs: Jobs, job: str, who: str) -> RunInfo:
    """Start a run, one caller after the other, so that two never start one each."""
    with database.atomic():
        database.execute_sql(
            "select pg_advisory_xact_lock(%s)", (START_LOCK + crc32(job.encode()),)
        )
        run = jobs.start(job, who)
        audit.record(who, "job_started", job, {"run": run.id})
    return run


def stop(jobs: Jobs, job: str, run: str, who: str) -> None:
    """Stop a run."""
    with database.atomic():
        stopped = jobs.stop(job, run, who)
        audit.record(who, "job_stopped", job, stopped.model_dump(mode="json"))
