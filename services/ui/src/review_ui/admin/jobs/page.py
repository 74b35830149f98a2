"""The page Jobs: each job with its last runs; it follows those that have yet to end."""

from collections.abc import Sequence
from typing import Any

from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from review_ui.admin.actions import action_button
from review_ui.admin.jobs.actions import run_target
from review_ui.admin.jobs.runs import Job, Run, fetch_jobs, fetch_runs
from review_ui.admin.jobs.words import (
    RUN_PATH,
    run_address,
    schedule_text,
    state_chip,
    took_text,
)
from review_ui.admin.session import browser_session, show_ended_session
from review_ui.admin.shell import Arguments, OwnerPage
from review_ui.admin.tables import Cell, empty_view, table_view
from review_ui.admin.words import NOTHING, time_view
from review_ui.owner_calls import OwnerCalls, Owners, SessionEndedError
from review_ui.upstream import RefusedError, UnavailableError

POLL_MILLISECONDS = 3000

History = Sequence[tuple[Job, Sequence[Run]]]


def jobs_page(calls: OwnerCalls, _arguments: Arguments) -> Component:
    """The page, with a clock that runs while a job does."""
    history = fetch_history(calls)
    return html.Div(
        [
            dcc.Interval(
                id="jobs-clock", interval=POLL_MILLISECONDS, disabled=not is_active(history)
            ),
            dcc.Store(id="jobs-seen", data=states_of(history)),
            html.Div(jobs_view(history), id="jobs"),
        ]
    )


JOBS = OwnerPage("/admin/jobs", "Jobs", jobs_page)


def register_jobs(app: Dash, owners: Owners) -> None:
    """Follow the runs. Nothing is drawn anew before something has changed."""

    @app.callback(
        Output("jobs", "children"),
        Output("jobs-seen", "data"),
        Output("jobs-clock", "disabled"),
        Input("jobs-clock", "n_intervals"),
        State("jobs-seen", "data"),
        prevent_initial_call=True,
    )
    def follow(_ticks: int, seen: list[list[str]]) -> tuple[Any, Any, Any]:
        try:
            history = fetch_history(owners.calls_of(browser_session()))
        except SessionEndedError:
            show_ended_session()
            return no_update, no_update, True
        except (UnavailableError, RefusedError):
            # The next tick asks again.
            raise PreventUpdate from None
        states = states_of(history)
        if states == seen:
            raise PreventUpdate
        return jobs_view(history), states, not is_active(history)


def fetch_history(calls: OwnerCalls) -> History:
    """All jobs with their runs."""
    return [(job, fetch_runs(calls, job.name)) for job in fetch_jobs(calls)]


def is_active(history: History) -> bool:
    """Whether a run has yet to end."""
    return any(run.is_active for _job, runs in history for run in runs)


def states_of(history: History) -> list[list[str]]:
    """What of the runs can change."""
    return [
        [run.job, run.id, run.state, run.reason or ""] for _job, runs in history for run in runs
    ]


def jobs_view(history: History) -> Component:
    """All jobs, or why there are none."""
    if not history:
        return empty_view(
            "Jobs are off", "Scraping and training are not run from here in this installation."
        )
    return html.Div([_job(job, runs) for job, runs in history], className="section")


def run_buttons(run: Run) -> list[Component]:
    """What can be done with a run."""
    if not run.is_active:
        return []
    return [action_button("stop-run", run_target(run.job, run.id), "Stop", f"{run.job} {run.id}")]


def _job(job: Job, runs: Sequence[Run]) -> Component:
    heading = html.Div(
        [
            html.H2(job.name.capitalize(), className="section-heading"),
            *([] if job.running else [action_button("run-now", job.name, "Run now", job.name)]),
        ],
        className="heading-line",
    )
    schedule = html.P(schedule_text(job), className="quiet")
    return html.Section([heading, schedule, _runs(job, runs)], className="section")


def _runs(job: Job, runs: Sequence[Run]) -> Component:
    if not runs:
        return empty_view("Not run yet", "Its runs are listed here, with what they said.")
    columns = ("Created (UTC)", "State", "Took", "By", "Why")
    return table_view(f"Runs of {job.name}", columns, map(_row, runs), actions=True)


def _row(run: Run) -> tuple[Cell, ...]:
    log = html.A("Log", href=run_address(RUN_PATH, run), className="btn btn-quiet")
    return (
        time_view(run.created),
        state_chip(run.state),
        took_text(run),
        run.by,
        run.reason or NOTHING,
        html.Div([log, *run_buttons(run)], className="buttons"),
    )
