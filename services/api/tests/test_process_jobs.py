"""Jobs as real processes: started, read, stopped, and ended whatever happens to the worker."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from review_api import database
from review_api.jobs import choice
from review_api.models import JobRun
from review_api.settings import Settings

pytestmark = pytest.mark.integration

PATIENCE = 60
FAST = 0.05

SAYS_AND_ENDS = "print('one'); print('two')"
FAILS = "import sys; print('hello'); print('no reviews', file=sys.stderr); sys.exit(3)"
WAITS = "import time; print('begun', flush=True); time.sleep(600)"
OBEYS = """
import signal, sys, time
def end(*_):
    print('tidied up', flush=True); sys.exit(0)
signal.signal(signal.SIGTERM, end)
print('begun', flush=True)
time.sleep(600)
"""
STUBBORN = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])
print(os.getpid(), child.pid, flush=True)
time.sleep(600)
"""
TALKS = "for number in range(20000): print(f'line {number}')"


def eventually(condition):
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(FAST)
    return found


def lives(pid):
    """Say whether a process does anything; init may be slow to bury the dead."""
    return status(pid)[0] not in "ZX"


def status(pid):
    """Return the state of a process and its parent's number, as Linux has them."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except FileNotFoundError:
        return ["X", ""]


@pytest.fixture
def settings(make_app, database_url, tmp_path):
    """Return a function that makes settings of jobs, each given by its Python code."""

    def make(**codes):
        file = tmp_path / "jobs.json"
        jobs = {name: {"command": [sys.executable, "-c", code]} for name, code in codes.items()}
        file.write_text(json.dumps(jobs))
        given = {"jobs": "processes", "jobs_file": file, "jobs_home": tmp_path / "logs"}
        limits = {"jobs_grace_seconds": 1, "jobs_log_bytes": 10_000, "jobs_kept": 3}
        return Settings(database_url=database_url, **given, **limits)

    make_app()
    return make


@contextmanager
def at_work(settings, environment=os.environ):
    """Let a runner work beside the test, as `review-api work` does."""
    stop = threading.Event()
    runner = choice.runner(settings, environment)
    thread = threading.Thread(target=runner.work, args=(FAST, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(PATIENCE)


def ended(jobs, run):
    """Return a run when it has ended."""

    def look():
        found = next(one for one in jobs.runs(run.job) if one.id == run.id)
        return None if found.is_active else found

    return eventually(look)


def text_of(pieces):
    """Return a whole log, read as it is written."""
    parts = []
    for piece in pieces:
        parts.append(piece)
        if not piece:
            time.sleep(FAST)
    return b"".join(parts).decode()


def test_a_run_is_started_read_while_it_writes_and_succeeds(settings):
    given = settings(training=SAYS_AND_ENDS)
    jobs = choice.chosen(given)
    run = jobs.start("training", "ada")
    assert (run.state, run.by, run.started) == ("waiting", "ada", None)
    with at_work(given):
        assert text_of(jobs.log("training", run.id)) == "one\ntwo\n"
        done = ended(jobs, run)
    assert (done.state, done.reason) == ("succeeded", None)
    assert done.created <= done.started <= done.finished
    (listed,) = jobs.jobs()
    assert (listed.name, listed.running, listed.last) == ("training", False, done)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (FAILS, "exit code 3: no reviews"),
        ("import os; os.kill(os.getpid(), 9)", "ended by SIGKILL"),
        ("raise ValueError('bad data')", "exit code 1: ValueError: bad data"),
    ],
)
def test_a_run_that_fails_says_why(settings, code, reason):
    given = settings(training=code)
    jobs = choice.chosen(given)
    run = jobs.start("training", "ada")
    with at_work(given):
        done = ended(jobs, run)
    assert (done.state, done.reason) == ("failed", reason)


def test_a_program_that_is_not_there_is_a_reason(settings, tmp_path):
    given = settings()
    (tmp_path / "jobs.json").write_text('{"training": {"command": ["/no/such/program"]}}')
    jobs = choice.chosen(given)
    run = jobs.start("training", "ada")
    with at_work(given):
        done = ended(jobs, run)
    assert done.reason == (
        "exit code 127: /no/such/program cannot be started: No such file or directory"
    )


def test_only_one_run_of_a_job_is_active_but_jobs_run_side_by_side(settings):
    given = settings(training=WAITS, scraping=WAITS)
    jobs = choice.chosen(given)
    with at_work(given):
        runs = [jobs.start(job, "ada") for job in ("training", "scraping")]
        eventually(lambda: all(jobs.runs(run.job)[0].state == "running" for run in runs))
        with pytest.raises(Exception, match="training runs already"):
            jobs.start("training", "bob")
        assert [job.running for job in jobs.jobs()] == [True, True]


def test_a_run_is_stopped_in_order(settings):
    given = settings(training=OBEYS)
    jobs = choice.chosen(given)
    run = jobs.start("training", "ada")
    with at_work(given):
        eventually(lambda: jobs.runs("training")[0].state == "running")
        eventually(lambda: next(jobs.log("training", run.id)))
        assert jobs.stop("training", run.id, "bob").state == "running"
        done = ended(jobs, run)
    assert (done.state, done.reason) == ("stopped", "stopped by bob")
    assert text_of(jobs.log("training", run.id)) == "begun\ntidied up\n"


def test_a_run_that_does_not_obey_is_killed_with_its_children(settings):
    given = settings(training=STUBBORN)
    jobs = choice.chosen(given)
    run = jobs.start("training", "ada")
    with at_work(given):
        pids = eventually(lambda: next(jobs.log("training", run.id))).split()
        jobs.stop("training", run.id, "bob")
        assert ended(jobs, run).state == "stopped"
    assert not any(lives(int(pid)) for pid in pids)


def test_a_run_that_waits_is_stopped_before_it_starts(settings):
    given = settings(training=SAYS_AND_ENDS)
    jobs = choice.chosen(given)
    run = jobs.start("training", "ada")
    jobs.stop("training", run.id, "bob")
    with pytest.raises(Exception, match="it is ending"):
        jobs.stop("training", run.id, "bob")
    with at_work(given):
        assert ended(jobs, run).state == "stopped"
    assert text_of(jobs.log("training", run.id)) == ""


def test_ending_the_worker_ends_its_runs_in_order(settings):
    given = settings(training=OBEYS)
    jobs = choice.chosen(given)
    run = jobs.start("training", "ada")
    with at_work(given):
        eventually(lambda: next(jobs.log("training", run.id)))
    done = ended(jobs, run)
    assert (done.state, done.reason) == ("failed", "the worker ended")
    assert text_of(jobs.log("training", run.id)).endswith("tidied up\n")


def test_a_log_is_bounded_and_followed_without_losing_the_place(settings):
    given = settings(training=TALKS)
    jobs = choice.chosen(given)
    run = jobs.start("training", "ada")
    with at_work(given):
        text_of(jobs.log("training", run.id))
        ended(jobs, run)
    kept = text_of(jobs.log("training", run.id))
    assert len(kept) < 11_000
    assert kept.endswith("line 19998\nline 19999\n")
    notice, first, second = kept.splitlines()[:3]
    assert notice.endswith("bytes before this are gone]")
    assert int(second.split()[1]) == int(first.split()[1]) + 1
    gone = int(notice.split()[0].strip("["))
    assert len(TALKS) < gone == sum(len(f"line {n}\n") for n in range(int(first.split()[1])))
    assert text_of(jobs.log("training", run.id, tail=2)) == "line 19998\nline 19999\n"


def test_old_runs_and_their_logs_are_forgotten(settings, tmp_path):
    given = settings(training=SAYS_AND_ENDS)
    jobs = choice.chosen(given)
    with at_work(given):
        runs = [jobs.start("training", "ada")]
        for _ in range(4):
            ended(jobs, runs[-1])
            runs.append(jobs.start("training", "ada"))
        ended(jobs, runs[-1])
    last = [run.id for run in reversed(runs)][:3]
    assert [run.id for run in jobs.runs("training")] == last
    files = {file.name for file in (tmp_path / "logs" / "training").iterdir()}
    assert files == {f"{run}.log" for run in last}


def test_a_job_has_the_workers_environment_but_the_apis_own_settings(settings, tmp_path):
    code = "import json, os; print(json.dumps(dict(os.environ)))"
    given = settings(training=code)
    file = tmp_path / "jobs.json"
    command = json.loads(file.read_text())["training"]
    added = {"environment": {"TRAINING_TOKEN": "its own"}, "folder": str(tmp_path)}
    file.write_text(json.dumps({"training": command | added}))
    environment = {"PATH": "/bin", "DATABASE_URL": "secret", "HOME": "/root"}
    jobs = choice.chosen(given)
    run = jobs.start("training", "ada")
    with at_work(given, environment):
        said = json.loads(text_of(jobs.log("training", run.id)))
    expected = {"PATH": "/bin", "HOME": "/root", "TRAINING_TOKEN": "its own"}
    assert {name: value for name, value in said.items() if name != "LC_CTYPE"} == expected


def test_two_workers_do_not_start_a_run_twice(settings):
    given = settings(training=WAITS)
    jobs = choice.chosen(given)
    with at_work(given), at_work(given):
        run = jobs.start("training", "ada")
        eventually(lambda: next(jobs.log("training", run.id)))
        time.sleep(5 * FAST)
        assert text_of(iter([next(jobs.log("training", run.id))])) == "begun\n"
        assert jobs.runs("training")[0].state == "running"


@pytest.fixture
def worker():
    """Return a function that starts `review-api work` itself."""
    started = []

    def start(given):
        environment = {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": given.database_url,
            "MODEL_SERVER_URL": "http://127.0.0.1:9",
            "WORK_INTERVAL_SECONDS": str(FAST),
            "JOBS": "processes",
            "JOBS_FILE": str(given.jobs_file),
            "JOBS_HOME": str(given.jobs_home),
            "JOBS_GRACE_SECONDS": str(given.jobs_grace_seconds),
        }
        command = [sys.executable, "-c", "from review_api.cli import main; main()", "work"]
        started.append(subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.mark.parametrize("also_the_shim", [False, True])
def test_a_worker_that_is_killed_leaves_no_process_and_the_next_says_so(
    settings, worker, also_the_shim
):
    given = settings(training=STUBBORN)
    jobs = choice.chosen(given)
    run = jobs.start("training", "ada")
    first = worker(given)
    pids = eventually(lambda: next(jobs.log("training", run.id))).split()
    shim = int(status(int(pids[0]))[1])
    first.kill()
    first.wait()
    if also_the_shim:
        os.kill(shim, signal.SIGKILL)
    worker(given)
    done = ended(jobs, run)
    assert (done.state, done.reason) == ("failed", "the worker ended")
    assert not any(lives(int(pid)) for pid in pids)
    assert jobs.start("training", "ada").state == "waiting"


def test_a_worker_ends_on_sigterm_with_its_runs(settings, worker):
    given = settings(training=OBEYS)
    jobs = choice.chosen(given)
    run = jobs.start("training", "ada")
    process = worker(given)
    eventually(lambda: next(jobs.log("training", run.id)))
    process.terminate()
    assert process.wait(PATIENCE) == 0
    assert jobs.runs("training")[0].reason == "the worker ended"


def test_a_run_of_a_job_that_is_no_more_fails(settings):
    given = settings(training=SAYS_AND_ENDS)
    JobRun.insert(job="gone", state="waiting", started_by="ada").execute()
    with at_work(given):
        row = eventually(lambda: JobRun.get_or_none(JobRun.state == "failed"))
    assert row.reason == "there is no job gone any more"
    database.give_back()
