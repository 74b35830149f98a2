"""A run and its log, which is followed until the run has ended."""

from typing import Any

from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from review_ui.admin.jobs.page import JOBS, run_buttons
from review_ui.admin.jobs.runs import SHOWN_LINES, Run, fetch_log, fetch_run
from review_ui.admin.jobs.words import (
    LOG_PATH,
    RUN_PATH,
    plain_text,
    run_address,
    state_chip,
    took_text,
)
from review_ui.admin.session import browser_session, show_ended_session
from review_ui.admin.shell import Arguments, OwnerPage, arguments_of
from review_ui.admin.tables import empty_view, facts_view
from review_ui.admin.words import date_text
from review_ui.browser_callbacks import run_in_browser
from review_ui.elements import aria, icon
from review_ui.owner_calls import OwnerCalls, Owners, SessionEndedError
from review_ui.upstream import RefusedError, UnavailableError

POLL_MILLISECONDS = 2000
NO_LOG = "Nothing has been said yet."
AWAY = "The review API does not answer just now. Trying again…"


def run_page(calls: OwnerCalls, arguments: Arguments) -> Component:
    """The run that the address names, with a clock that runs as long as it does."""
    run = _run(calls, arguments)
    if run is None:
        return empty_view("This run is not known any more", "Only a job's last runs are kept.")
    whole = html.A(
        [icon("download"), "Whole log"], href=run_address(LOG_PATH, run), className="btn btn-quiet"
    )
    note = html.Span(f"The last {SHOWN_LINES} lines", className="quiet")
    return html.Div(
        [
            dcc.Interval(id="run-clock", interval=POLL_MILLISECONDS, disabled=not run.is_active),
            html.Div(run_view(run), id="run"),
            html.Div([note, whole], className="heading-line"),
            html.P(id="run-away", role="status", className="quiet"),
            html.Pre(
                log_text(fetch_log(calls, run.job, run.id)),
                id="run-log",
                className="log",
                tabIndex=0,
                role="region",
                **aria(label="Log"),
            ),
        ]
    )


def name_of(arguments: Arguments) -> str:
    """The run that the address names, as a heading."""
    return f"{arguments.get('job', '').capitalize()} {arguments.get('id', '')}"


RUN = OwnerPage(RUN_PATH, "A run", run_page, JOBS.path, name_of)


def register_run(app: Dash, owners: Owners) -> None:
    """Follow the run and its log."""
    run_in_browser(app, "owner.followLog", Input("run-log", "children"))

    @app.callback(
        Output("run", "children"),
        Output("run-log", "children"),
        Output("run-clock", "disabled"),
        Output("run-away", "children"),
        Input("run-clock", "n_intervals"),
        State("address", "search"),
        prevent_initial_call=True,
    )
    def follow(_ticks: int, search: str | None) -> tuple[Any, Any, Any, str]:
        try:
            calls = owners.calls_of(browser_session())
            run = _run(calls, arguments_of(search))
            if run is None:
                return no_update, no_update, True, ""
            # The run is asked first: a log that is read after its end is whole.
            log = log_text(fetch_log(calls, run.job, run.id))
        except SessionEndedError:
            show_ended_session()
            return no_update, no_update, True, ""
        except (UnavailableError, RefusedError):
            return no_update, no_update, no_update, AWAY
        return run_view(run), log, not run.is_active, ""


def run_view(run: Run) -> Component:
    """What is known of a run."""
    heading = html.Div(
        [
            state_chip(run.state),
            html.Div(run_buttons(run), className="buttons"),
        ],
        className="heading-line",
    )
    reason = html.P(run.reason or "", className=_reason_class(run), hidden=not run.reason)
    facts = [("Created (UTC)", date_text(run.created)), ("Took", took_text(run)), ("By", run.by)]
    return html.Div([heading, reason, facts_view(facts)], className="section")


def log_text(log: str | None) -> str:
    """The log to show, or that there is none."""
    return plain_text(log or "") or NO_LOG


def _reason_class(run: Run) -> str:
    return f"alert alert-{'danger' if run.state == 'failed' else 'warning'}"


def _run(calls: OwnerCalls, arguments: Arguments) -> Run | None:
    job, run_id = arguments.get("job", ""), arguments.get("id", "")
    return fetch_run(calls, job, run_id) if job and run_id else None
