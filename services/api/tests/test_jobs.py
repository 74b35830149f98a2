"""Jobs over HTTP and by command: who may, what fails how, and logs that are followed."""

import os
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from review_api.cli import app as command
from review_api.jobs.commands_file import read_commands
from review_api.jobs.interface import (
    BusyError,
    JobsAwayError,
    RefusedError,
    UnknownJobError,
)
from review_api.jobs.schemas import JobInfo, RunInfo

pytestmark = pytest.mark.integration

RUNS = "/api/jobs/training/runs"


def run_of(number, state="running"):
    created = datetime(2026, 1, 1, 0, 0, number, tzinfo=UTC)
    return RunInfo(id=f"run-{number}", job="training", state=state, by="ada", created=created)


class FakeJobs:
    """One job, whose runs are kept in a list, and which can fail."""

    forgets_stopped = True

    def __init__(self):
        self.kept = []
        self.error = None
        self.pieces = []
        self.starting = 0

    def _look(self):
        if self.error:
            raise self.error

    def jobs(self):
        self._look()
        last = self.kept[0] if self.kept else None
        return [
            JobInfo(name="training", schedule="@daily", suspended=True, running=False, last=last)
        ]

    def runs(self, _job):
        self._look()
        return list(self.kept)

    def start(self, _job, _by):
        self._look()
        self.starting += 1
        time.sleep(0.05)
        assert self.starting == 1
        self.starting -= 1
        self.kept.insert(0, run_of(len(self.kept)))
        return self.kept[0]

    def log(self, job, run, tail=None):
        self._look()
        self.asked = (job, run, tail)
        return iter(self.pieces)

    def stop(self, _job, run, _by):
        self._look()
        stopped = next(one for one in self.kept if one.id == run)
        self.kept.remove(stopped)
        return stopped


@pytest.fixture
def fake(app):
    app.extensions["jobs"] = FakeJobs()
    return app.extensions["jobs"]


def test_where_jobs_are_off_there_are_none(client, bearer):
    admin = bearer("admin")
    assert client.get("/api/jobs", headers=admin).json == []
    for method, path in [("GET", RUNS), ("POST", RUNS), ("DELETE", f"{RUNS}/1")]:
        assert client.open(path, method=method, headers=admin).status_code == 404
    assert client.get(f"{RUNS}/1/log", headers=admin).status_code == 404


@pytest.mark.usefixtures("fake")
def test_a_run_is_started_and_stopped_with_an_event_each(admin_client):
    started = admin_client.post(RUNS)
    assert (started.status_code, started.json["id"]) == (201, "run-0")
    assert admin_client.delete(f"{RUNS}/run-0").status_code == 204
    events = admin_client.get("/api/audit-events").json
    assert [(one["who"], one["action"], one["subject"]) for one in events] == [
        ("ada", "job_stopped", "training"),
        ("ada", "job_started", "training"),
    ]
    assert events[1]["details"] == {"run": "run-0"}


def test_a_run_that_a_cluster_forgets_when_stopped_is_still_told_of(fake, admin_client):
    for _ in range(2):
        admin_client.post(RUNS)
    admin_client.delete(f"{RUNS}/run-1")
    assert [run.id for run in fake.kept] == ["run-0"]
    runs = admin_client.get(RUNS).json
    assert [(run["id"], run["state"]) for run in runs] == [
        ("run-1", "stopped"),
        ("run-0", "running"),
    ]
    assert runs[0]["reason"] == "stopped by ada"
    assert runs[0]["finished"]
    assert admin_client.get("/api/jobs").json[0]["last"] == runs[0]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UnknownJobError("no such"), 404),
        (BusyError("runs already"), 409),
        (RefusedError("not admitted"), 502),
        (JobsAwayError("no answer"), 503),
    ],
)
def test_what_fails_is_a_problem_with_its_reason_and_leaves_no_event(
    fake, admin_client, error, status
):
    fake.error = error
    requested = [("POST", RUNS), ("DELETE", f"{RUNS}/x"), ("GET", f"{RUNS}/x/log"), ("GET", RUNS)]
    for method, path in requested:
        answer = admin_client.open(path, method=method)
        assert (answer.status_code, answer.json["error"]) == (status, str(error))
        assert ("Retry-After" in answer.headers) == (status == 503)
    assert admin_client.get("/api/audit-events").json == []


def test_two_who_start_a_job_do_so_one_after_the_other(app, fake, bearer):
    headers, statuses = bearer("admin"), []

    def start():
        statuses.append(app.test_client().post(RUNS, headers=headers).status_code)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [201] * 4
    assert len({run.id for run in fake.kept}) == 4


class TestLogs:
    def test_a_log_is_what_there_is_so_far(self, fake, admin_client):
        fake.pieces = [b"one\n", b"two\n", b"", b"later\n"]
        answer = admin_client.get(f"{RUNS}/r/log?tail=7")
        assert answer.text == "one\ntwo\n"
        assert answer.content_type == "text/plain; charset=utf-8"
        assert fake.asked == ("training", "r", 7)

    def test_a_followed_log_goes_on_to_the_end(self, fake, admin_client):
        fake.pieces = [b"one\n", b"", b"later\n"]
        assert admin_client.get(f"{RUNS}/r/log?follow=true").text == "one\nlater\n"

    @pytest.mark.usefixtures("fake")
    @pytest.mark.parametrize("query", ["tail=0", "tail=x", "follow=maybe", "lines=3", "tail=1e9"])
    def test_a_query_that_makes_no_sense_is_refused(self, admin_client, query):
        assert admin_client.get(f"{RUNS}/r/log?{query}").status_code == 400

    def test_only_a_quarter_of_the_threads_follow_logs(self, make_app, bearer):
        app = make_app(api_threads=8)
        app.extensions["jobs"] = FakeJobs()
        app.extensions["jobs"].pieces = [b"one\n"] * 3
        client, headers = app.test_client(), bearer("admin")
        path = f"{RUNS}/r/log?follow=true"
        for _ in range(3):
            client.head(path, headers=headers).close()
        followed = [client.get(path, headers=headers, buffered=False) for _ in range(2)]
        refused = client.get(path, headers=headers)
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
        assert client.get(f"{RUNS}/r/log", headers=headers).status_code == 200
        followed[0].close()
        assert client.get(path, headers=headers).text == "one\none\none\n"
        followed[1].close()

    def test_following_ends_after_a_time_and_when_the_server_does(self, make_app, bearer):
        app = make_app(jobs_follow_seconds=0.1)
        app.extensions["jobs"] = FakeJobs()
        app.extensions["jobs"].pieces = iter(lambda: b"", None)
        client, path = app.test_client(), f"{RUNS}/r/log?follow=true"
        assert client.get(path, headers=bearer("admin")).text == ""
        app = make_app()
        app.extensions["jobs"] = FakeJobs()
        app.extensions["jobs"].pieces = iter(lambda: b"more\n", None)
        app.extensions["followers"].is_ending = lambda: True
        assert app.test_client().get(path, headers=bearer("admin")).text == ""


@pytest.fixture
def call(make_app, database_url, jobs_environment):
    """Return a function that runs the command to its end."""
    make_app()

    def run(*words, **changes):
        given = {"PATH": os.environ["PATH"], "DATABASE_URL": database_url, **jobs_environment}
        command = [Path(sys.executable).with_name("review-api"), *words]
        return subprocess.run(
            command, env=given | changes, capture_output=True, text=True, timeout=60, check=False
        )

    return run


@pytest.mark.parametrize("name", ["%00", "x" * 3000, "..", "training%2F..", "%ff", "1e9", "-1"])
def test_strange_names_of_jobs_and_runs_are_unknown(make_app, bearer, jobs_environment, name):
    given = {name.lower(): value for name, value in jobs_environment.items() if "JOBS" in name}
    client, admin = make_app(**given).test_client(), bearer("admin")
    for path in (f"/api/jobs/{name}/runs", f"{RUNS}/{name}/log"):
        assert client.get(path, headers=admin).status_code == 404
    assert client.post(f"/api/jobs/{name}/runs", headers=admin).status_code == 404
    assert client.delete(f"{RUNS}/{name}", headers=admin).status_code == 404


class TestCommands:
    @pytest.mark.usefixtures("worker")
    def test_a_job_is_run_to_its_end_listed_and_read(self, call):
        done = call("jobs", "run", "scraping", "--follow")
        assert (done.returncode, done.stderr) == (1, "")
        said, end = done.stdout.splitlines()
        assert said == "found 3"
        assert end.endswith("failed: exit code 4: found 3")
        assert call("jobs", "log", "scraping").stdout == "found 3\n"
        assert "exit code 4" in " ".join(call("jobs", "list", COLUMNS="200").stdout.split())
        assert "failed" in call("jobs", "list", "scraping", COLUMNS="200").stdout

    @pytest.mark.usefixtures("worker")
    def test_a_job_is_stopped(self, call):
        run = call("jobs", "run", "training").stdout.strip()
        assert call("jobs", "stop", "training").stdout == f"stopping training {run}\n"
        assert call("jobs", "stop", "training", run).returncode == 1

    @pytest.mark.parametrize(
        ("words", "changes", "reason"),
        [
            (["run", "nothing"], {}, "there is no job nothing"),
            (["log", "training"], {}, "training has never run"),
            (["stop", "training", "17"], {}, "there is no run 17 of training"),
            (["run", "training"], {"JOBS": "off"}, "jobs are off here"),
            (["list"], {"JOBS_FILE": "/no/such/file"}, "/no/such/file cannot be read"),
            (["list"], {"JOBS_FILE": ""}, "JOBS=processes needs JOBS_FILE and JOBS_HOME"),
            (["list"], {"JOBS": "kubernetes", "KUBECONFIG": "/no"}, "no cluster is known"),
        ],
    )
    def test_an_error_is_one_line_and_an_exit_code(self, call, words, changes, reason):
        done = call("jobs", *words, **changes)
        assert done.returncode == 1
        assert reason in done.stderr
        assert len(done.stderr.splitlines()) == 1

    def test_a_jobs_file_that_makes_no_sense_is_one_line(self, call, tmp_path):
        (tmp_path / "jobs.json").write_text("[]")
        done = call("work")
        assert done.returncode == 1
        assert "jobs.json: Input should be an object" in done.stderr
        assert len(done.stderr.splitlines()) == 1

    def test_help_has_an_example_of_each_command(self):
        for word in ("list", "run", "log", "stop"):
            assert "Example" in CliRunner().invoke(command, ["jobs", word, "--help"]).output


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Invalid JSON"),
        ("\xff", "Invalid JSON"),
        ('{"Training!": {"command": ["x"]}}', "Training!"),
        ('{"training": {"command": []}}', "training.command"),
        ('{"training": {"command": ["x"], "shell": true}}', "training.shell"),
    ],
)
def test_what_is_wrong_with_a_jobs_file_is_named(tmp_path, text, reason):
    (tmp_path / "jobs.json").write_text(text, encoding="latin-1")
    with pytest.raises(ValueError, match=reason):
        read_commands(tmp_path / "jobs.json")
