"""``review-api jobs``: what an admin does with jobs, from a terminal."""

import sys
import time
from collections.abc import Iterator
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from review_api import audit
from review_api.edge import opened
from review_api.jobs import actions
from review_api.jobs.choice import chosen
from review_api.jobs.following import PAUSE
from review_api.jobs.interface import Jobs, UnknownJobError
from review_api.jobs.schemas import MOST_LINES, RunInfo

jobs_app = typer.Typer(
    no_args_is_help=True, help="Scraping and training: start, read, stop (where JOBS is on)."
)

Name = Annotated[str, typer.Argument(help="scraping or training")]
Follow = Annotated[bool, typer.Option("--follow", "-f", help="Go on while it runs.")]


@jobs_app.command("list", epilog="Example: review-api jobs list training")
def list_jobs(
    job: Annotated[str | None, typer.Argument(help="Whose runs; else all jobs are listed.")] = None,
) -> None:
    """List the jobs with their last runs, or the runs of one."""
    jobs = _jobs()
    if job:
        runs = actions.runs(jobs, job)
    else:
        found = actions.listed(jobs)
        runs = [one.last for one in found if one.last]
        for one in found:
            schedule = one.schedule or "none"
            off = " (suspended)" if one.suspended else ""
            typer.echo(f"{one.name}: schedule {schedule}{off}")
    _print(runs)


def _print(runs: list[RunInfo]) -> None:
    table = Table("job", "run", "state", "by", "created", "finished", "reason")
    for run in runs:
        finished = run.finished.isoformat(" ", "seconds") if run.finished else ""
        created = run.created.isoformat(" ", "seconds")
        table.add_row(run.job, run.id, run.state, run.by, created, finished, run.reason or "")
    if runs:
        Console().print(table)


@jobs_app.command("run", epilog="Example: review-api jobs run training --follow")
def run_job(job: Name, *, follow: Follow = False) -> None:
    """Run a job now; print the run, or its log and exit code 1 when it fails."""
    jobs = _jobs()
    run = actions.start(jobs, job, audit.operator())
    if not follow:
        typer.echo(run.id)
        return
    _write(jobs.log(job, run.id), follow=True)
    ended = _run(jobs, job, run.id)
    typer.echo(f"{job} {run.id} {ended.state}" + (f": {ended.reason}" if ended.reason else ""))
    if ended.state != "succeeded":
        raise typer.Exit(1)


@jobs_app.command("log", epilog="Example: review-api jobs log training --tail 50 --follow")
def print_log(
    job: Name,
    run: Annotated[str | None, typer.Argument(help="Which run; else the last.")] = None,
    *,
    follow: Follow = False,
    tail: Annotated[
        int | None, typer.Option(min=1, max=MOST_LINES, help="Only the last lines.")
    ] = None,
) -> None:
    """Print a run's log."""
    jobs = _jobs()
    _write(jobs.log(job, run or _last(jobs, job), tail), follow=follow)


@jobs_app.command("stop", epilog="Example: review-api jobs stop training")
def stop_job(
    job: Name, run: Annotated[str | None, typer.Argument(help="Which run; else the last.")] = None
) -> None:
    """Stop a run, in order first and by force after a while."""
    jobs = _jobs()
    which = run or _last(jobs, job)
    actions.stop(jobs, job, which, audit.operator())
    typer.echo(f"stopping {job} {which}")


def _jobs() -> Jobs:
    return chosen(opened())


def _last(jobs: Jobs, job: str) -> str:
    runs = actions.runs(jobs, job)
    if not runs:
        message = f"{job} has never run"
        raise UnknownJobError(message)
    return runs[0].id


def _run(jobs: Jobs, job: str, run: str) -> RunInfo:
    return next(one for one in actions.runs(jobs, job) if one.id == run)


def _write(pieces: Iterator[bytes], *, follow: bool) -> None:
    for piece in pieces:
        if piece:
            sys.stdout.buffer.write(piece)
            sys.stdout.flush()
        elif follow:
            time.sleep(PAUSE)
        else:
            return
