"""A run's whole log as a file."""

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from review_ui.admin.jobs.runs import stream_log
from review_ui.admin.jobs.words import LOG_PATH, RUN_PATH
from review_ui.admin.passing import pass_on
from review_ui.admin.session import browser_session
from review_ui.owner_calls import Owners, SessionEndedError
from review_ui.upstream import RefusedError, UnavailableError


def create_log(owners: Owners) -> Blueprint:
    """The route that the link to the whole log leads to."""
    log = Blueprint("log", __name__)

    @log.get(LOG_PATH)
    def download_log() -> Response:
        job, run_id = request.args.get("job", ""), request.args.get("id", "")
        try:
            upstream = stream_log(owners.calls_of(browser_session()), job, run_id)
        except (SessionEndedError, UnavailableError, RefusedError):
            # The page says what is wrong.
            return redirect(f"{RUN_PATH}?{request.query_string.decode('ascii', 'replace')}")
        return pass_on(upstream, "text/plain; charset=utf-8", "log.txt")

    return log
