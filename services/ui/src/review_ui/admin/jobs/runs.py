"""Jobs, their runs and logs, as the review API gives them."""

from datetime import datetime
from typing import Literal
from urllib.parse import quote

import requests
from pydantic import BaseModel, ConfigDict, TypeAdapter

from review_ui.owner_calls import OwnerCalls
from review_ui.upstream import Query, RefusedError

# So much of a log is shown; all of it can be downloaded.
SHOWN_LINES = 500

State = Literal["waiting", "running", "succeeded", "failed", "stopped"]


class Run(BaseModel):
    """A run; `reason` says why it failed, or what it waits for."""

    model_config = ConfigDict(frozen=True)

    id: str
    job: str
    state: State
    by: str
    created: datetime
    started: datetime | None = None
    finished: datetime | None = None
    reason: str | None = None

    @property
    def is_active(self) -> bool:
        """Whether it has yet to end."""
        return self.state in {"waiting", "running"}


class Job(BaseModel):
    """A job; its schedule is in cron's words."""

    model_config = ConfigDict(frozen=True)

    name: str
    schedule: str | None
    suspended: bool
    running: bool


_JOBS = TypeAdapter(tuple[Job, ...])
_RUNS = TypeAdapter(tuple[Run, ...])


def fetch_jobs(calls: OwnerCalls) -> tuple[Job, ...]:
    """All jobs; none where jobs are off."""
    return calls.get(_JOBS, "/api/jobs")


def fetch_runs(calls: OwnerCalls, job: str) -> tuple[Run, ...]:
    """A job's last runs, newest first."""
    return calls.get(_RUNS, runs_path(job))


def fetch_run(calls: OwnerCalls, job: str, run_id: str) -> Run | None:
    """One of them, if it is still known."""
    return next((run for run in fetch_runs(calls, job) if run.id == run_id), None)


def fetch_log(calls: OwnerCalls, job: str, run_id: str) -> str | None:
    """The end of a run's log; None where there is none (yet)."""
    try:
        response = stream_log(calls, job, run_id, {"tail": SHOWN_LINES})
    except RefusedError as refusal:
        if refusal.status != requests.codes.not_found:
            raise
        return None
    with response:
        return response.content.decode(errors="replace")


def stream_log(
    calls: OwnerCalls, job: str, run_id: str, query: Query | None = None
) -> requests.Response:
    """A run's log, to be read as it arrives."""
    return calls.stream(f"{run_path(job, run_id)}/log", query)


def runs_path(job: str) -> str:
    """Where a job's runs are."""
    return f"/api/jobs/{quote(job, safe='')}/runs"


def run_path(job: str, run_id: str) -> str:
    """Where one of them is."""
    return f"{runs_path(job)}/{quote(run_id, safe='')}"
