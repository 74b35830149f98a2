"""What every implementation of jobs can do, and how it may fail."""

from collections.abc import Iterator
from typing import NoReturn, Protocol

from review_api.jobs.schemas import JobInfo, RunInfo


class JobsError(Exception):
    """Something cannot be done with jobs, with the reason."""


class UnknownJobError(JobsError):
    """There is no such job, run or log."""


class BusyError(JobsError):
    """The job, or its run, is in another state than it must be."""


class RefusedError(JobsError):
    """What runs the jobs refuses to."""


class JobsAwayError(JobsError):
    """What runs the jobs does not answer."""


class Jobs(Protocol):
    """Jobs by name; each method raises a `JobsError` when it cannot.

    Attributes:
        forgets_stopped: a run that is stopped is no longer known afterwards.
    """

    forgets_stopped: bool

    def jobs(self) -> list[JobInfo]:
        """Return all jobs, by name."""

    def runs(self, job: str) -> list[RunInfo]:
        """Return the runs that are still known, newest first."""

    def start(self, job: str, by: str) -> RunInfo:
        """Start a run; only one of a job runs at a time."""

    def log(self, job: str, run: str, tail: int | None = None) -> Iterator[bytes]:
        """Yield a run's log for as long as it runs.

        An empty piece says that there is nothing new yet: the caller waits, or stops asking.
        """

    def stop(self, job: str, run: str, by: str) -> RunInfo:
        """Stop a run; return what it was."""


class NoJobs:
    """No jobs at all: they are off."""

    forgets_stopped = False

    def jobs(self) -> list[JobInfo]:
        """Return none."""
        return []

    def runs(self, job: str) -> list[RunInfo]:
        """Know no job."""
        _unknown(job)

    def start(self, job: str, by: str) -> RunInfo:  # noqa: ARG002 (the interface)
        """Know no job."""
        _unknown(job)

    def log(self, job: str, run: str, tail: int | None = None) -> Iterator[bytes]:  # noqa: ARG002 (the interface)
        """Know no job."""
        _unknown(job)

    def stop(self, job: str, run: str, by: str) -> RunInfo:  # noqa: ARG002 (the interface)
        """Know no job."""
        _unknown(job)


def _unknown(job: str) -> NoReturn:
    message = f"there is no job {job}: jobs are off here"
    raise UnknownJobError(message)
