"""Starting and stopping a job's runs."""

from collections.abc import Mapping

from review_ui.admin.actions import Action, Answers
from review_ui.admin.dialog import Question
from review_ui.admin.jobs.runs import run_path, runs_path
from review_ui.owner_calls import OwnerCalls

ABOUT = {
    "scraping": "It crawls the sites again and keeps what is new. You can stop it at any time.",
    "training": (
        "It trains a model on the reviews, and the gate looks at it. A model that does not pass "
        "changes nothing. You can stop it at any time."
    ),
}


def run_target(job: str, run_id: str) -> str:
    """What the action that stops a run is done to."""
    return f"{job}/{run_id}"


def ask_start(_calls: OwnerCalls, job: str) -> Question:
    """Before a job is started."""
    return Question(f"Run {job} now?", ABOUT.get(job, "You can stop it at any time."), "Run it now")


def ask_stop(_calls: OwnerCalls, target: str) -> Question:
    """Before a run is stopped."""
    job = target.partition("/")[0]
    return Question(
        f"Stop {job}?",
        "It is told to end, and ended by force after a while. It can be run again.",
        "Stop it",
        is_dangerous=True,
    )


def start(calls: OwnerCalls, job: str, _answers: Answers) -> str:
    """Start a run."""
    calls.act("POST", runs_path(job))
    return f"{job.capitalize()} is started."


def stop(calls: OwnerCalls, target: str, _answers: Answers) -> str:
    """Stop a run."""
    job, _, run_id = target.partition("/")
    calls.act("DELETE", run_path(job, run_id))
    return f"{job.capitalize()} is stopped."


JOB_ACTIONS: Mapping[str, Action] = {
    "run-now": Action(ask_start, start),
    "stop-run": Action(ask_stop, stop),
}
