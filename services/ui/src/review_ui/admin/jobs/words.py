"""How runs are shown: states, durations, schedules, and logs as plain text."""

import re
from collections.abc import Mapping
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from review_ui.admin.jobs.runs import Job, Run, State
from review_ui.admin.words import NOTHING, date_text, duration_text

RUN_PATH = "/admin/jobs/run"
LOG_PATH = "/admin/jobs/log"
STATE_COLOURS: Mapping[State, str] = {
    "waiting": "secondary",
    "running": "warning",
    "succeeded": "success",
    "failed": "danger",
    "stopped": "secondary",
}
# What a terminal would take for colours and movements of the cursor.
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[@-_]")


def state_chip(state: State) -> Component:
    """The state in its colour."""
    return html.Span(state, className=f"chip chip-{STATE_COLOURS[state]}")


def took_text(run: Run) -> str:
    """How long a run took, or since when it runs."""
    if run.started is None:
        return NOTHING
    if run.finished is None:
        return f"since {date_text(run.started)}"
    return duration_text(run.finished - run.started)


def schedule_text(job: Job) -> str:
    """When a job runs by itself."""
    if job.schedule is None:
        return "Runs only when you start it."
    if job.suspended:
        return f"Its schedule ({job.schedule}, UTC) is off: it runs only when you start it."
    return f"Runs by itself at {job.schedule} (cron, UTC)."


def run_address(path: str, run: Run) -> str:
    """The address of a run's page, or of its whole log."""
    return f"{path}?{urlencode({'job': run.job, 'id': run.id})}"


def plain_text(log: str) -> str:
    """A log as a terminal would leave it: a line that was written over shows its last state."""
    lines = _ESCAPES.sub("", log).split("\n")
    return "\n".join(line.rstrip("\r").rsplit("\r", maxsplit=1)[-1] for line in lines)
