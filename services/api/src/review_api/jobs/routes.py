"""``/api/jobs``: start scraping and training, read their logs, stop them."""

from collections.abc import Mapping

from flask import Blueprint, Response, current_app, jsonify, request

from review_api.access import caller
from review_api.jobs import actions
from review_api.jobs.following import Followers, so_far
from review_api.jobs.interface import (
    BusyError,
    Jobs,
    JobsAwayError,
    JobsError,
    RefusedError,
    UnknownJobError,
)
from review_api.jobs.schemas import JobInfo, LogQuery, RunInfo
from review_api.operations import describe
from review_api.problems import Problem, unavailable

blueprint = Blueprint("jobs", __name__)

RUNS = "/api/jobs/<job>/runs"
PROBLEMS = (401, 403, 404, 502, 503)
STATUSES: Mapping[type[JobsError], int] = {UnknownJobError: 404, BusyError: 409, RefusedError: 502}


@blueprint.errorhandler(JobsError)
def cannot(error: JobsError) -> Response:
    """Answer with the reason."""
    if isinstance(error, JobsAwayError):
        return unavailable(str(error)).response()
    return Problem(STATUSES[type(error)], str(error)).response()


@blueprint.get("/api/jobs")
@describe(
    "List the jobs, each with its last run; none where jobs are off.",
    scope="admin",
    answer=list[JobInfo],
    problems=(401, 403, 502, 503),
)
def list_jobs() -> Response:
    """Answer with all jobs."""
    return jsonify([job.model_dump(mode="json") for job in actions.listed(_jobs())])


@blueprint.get(RUNS)
@describe(
    "List a job's last runs, newest first.",
    scope="admin",
    answer=list[RunInfo],
    problems=PROBLEMS,
)
def list_runs(job: str) -> Response:
    """Answer with the runs that are still known."""
    return jsonify([run.model_dump(mode="json") for run in actions.runs(_jobs(), job)])


@blueprint.post(RUNS)
@describe(
    "Run a job now; 409 when it runs already.",
    scope="admin",
    answer=RunInfo,
    status=201,
    problems=(*PROBLEMS, 409),
)
def start_run(job: str) -> tuple[Response, int]:
    """Answer with the new run."""
    run = actions.start(_jobs(), job, caller().name)
    return jsonify(run.model_dump(mode="json")), 201


@blueprint.get(f"{RUNS}/<run_id>/log")
@describe(
    "Read a run's log; with follow it goes on while the run does.",
    query=LogQuery,
    scope="admin",
    answer=str,
    media_types=("text/plain",),
    problems=(400, *PROBLEMS),
)
def read_log(job: str, run_id: str) -> Response:
    """Answer with the log as text."""
    wanted = LogQuery.from_query(request.args.to_dict(flat=False))
    pieces = _jobs().log(job, run_id, wanted.tail)
    followers: Followers = current_app.extensions["followers"]
    return followers.answer(pieces) if wanted.follow else so_far(pieces)


@blueprint.delete(f"{RUNS}/<run_id>")
@describe(
    "Stop a run; 409 when it has ended.",
    scope="admin",
    status=204,
    problems=(*PROBLEMS, 409),
)
def stop_run(job: str, run_id: str) -> Response:
    """Stop a run, in order first and by force after a while."""
    actions.stop(_jobs(), job, run_id, caller().name)
    return Response(status=204)


def _jobs() -> Jobs:
    jobs: Jobs = current_app.extensions["jobs"]
    return jobs
