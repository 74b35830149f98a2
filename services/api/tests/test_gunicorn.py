"""The API under gunicorn, as it runs in production: several workers, and everything may die."""

import errno
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import psycopg2
import pytest
import requests

from review_api import database
from review_api.models import JobRun

pytestmark = pytest.mark.integration

REVIEW = {"review": "fine", "rating": 3, "brand": "Acme"}
SECONDS = 60


def eventually(probe, what):
    """Return what the probe returns once it is true."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if found := probe():
            return found
        time.sleep(0.05)
    raise AssertionError(what)


class Service:
    """gunicorn on a free port, with its log in a file."""

    def __init__(self, log, **settings):
        command = [
            Path(sys.executable).with_name("gunicorn"),
            *("-c", "python:review_api.gunicorn_config", "review_api:create_app()"),
        ]
        environment = {"PATH": os.environ["PATH"], "API_BIND": "127.0.0.1:0", "API_WORKERS": "2"}
        self.log = log
        with log.open("w") as output:
            self.process = subprocess.Popen(
                command, env=environment | settings, stdout=output, stderr=subprocess.STDOUT
            )
        self.url = eventually(self._address, "gunicorn listens")
        eventually(lambda: self.status("GET", "/healthz") == 200, "workers answer")

    def events(self):
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def _address(self):
        said = [event["event"] for event in self.events()]
        return next((one.split()[2] for one in said if one.startswith("Listening at")), None)

    def status(self, method, path, **more):
        """Return the status of an answer on a connection of its own, or None without one."""
        try:
            return requests.request(method, self.url + path, timeout=20, **more).status_code
        except requests.ConnectionError:
            return None

    def workers(self):
        return [child.pid for child in psutil.Process(self.process.pid).children()]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(SECONDS)


@pytest.fixture
def serve(tmp_path, model):
    """Return a function that starts the API on a database."""
    started = []

    def start(url, **settings):
        log = tmp_path / "api.log"
        started.append(Service(log, DATABASE_URL=url, MODEL_SERVER_URL=model.url, **settings))
        return started[-1]

    yield start
    for service in started:
        service.stop()


@pytest.fixture
def service(serve, make_app, database_url):
    make_app()
    return serve(database_url)


def test_metrics_are_those_of_all_workers(service):
    for _ in range(20):
        assert service.status("GET", "/version") == 200
    line = 'http_requests_total{method="GET",route="/version",status="200"} 20.0'
    for _ in range(5):
        assert line in requests.get(f"{service.url}/metrics", timeout=20).text


def test_every_line_of_the_log_is_json_and_requests_have_their_id(service):
    headers = {"X-Request-ID": "my-id"}
    service.status("GET", "/version", headers=headers)
    service.status("GET", "/nowhere", headers={"X-Request-ID": 'bad"id'})
    lines = {event["path"]: event for event in service.events() if event["event"] == "request"}
    assert lines["/version"]["request_id"] == "my-id"
    assert len(lines["/nowhere"]["request_id"]) == 32
    assert lines["/nowhere"]["status"] == 404


def test_sigterm_lets_a_request_finish(service, model):
    asked, answer = threading.Event(), threading.Event()

    def status(_review):
        asked.set()
        answer.wait(SECONDS)
        return 200

    model.status = status
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(service.status, "POST", "/api/predict", data={"review": "x"})
        assert asked.wait(SECONDS)
        service.process.send_signal(signal.SIGTERM)
        answer.set()
        assert call.result() == 200
    assert service.process.wait(SECONDS) == 0


def test_a_missing_setting_is_one_line(tmp_path):
    command = [
        Path(sys.executable).with_name("gunicorn"),
        "-c",
        "python:review_api.gunicorn_config",
    ]
    done = subprocess.run(
        [*command, "review_api:create_app()"],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode != 0
    assert done.stderr.splitlines() == ["review-api: DATABASE_URL: Field required"]


def test_a_body_of_10_mb_is_refused_without_reading_it_all(service):
    paths = ("/api/review", "/api/predict", "/api/session", "/api/tokens", "/api/scraped-reviews")
    for path in paths:
        sent = {"data": b"x" * 10_000_000, "headers": {"Content-Type": "application/json"}}
        assert service.status("POST", path, **sent) in {413, 401, None}
    chunks = (b"x" * 100_000 for _ in range(100))
    assert service.status("POST", "/api/review", data=chunks) in {413, None}
    assert service.status("GET", "/healthz") == 200


def test_a_batch_of_16_mib_is_the_largest(service, scraper):
    url, headers = "/api/scraped-reviews", scraper | {"Content-Type": "application/json"}
    for size, expected in ((16 * 1024 * 1024, {400}), (17 * 1024 * 1024, {413, None})):
        assert service.status("POST", url, data=b" " * (size - 1), headers=headers) in expected
    assert service.status("GET", "/healthz") == 200


POST = b"POST /api/review HTTP/1.1\r\nHost: x\r\n"


HARDLY_HTTP = [
    b"\x00" * 100 + b"\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
    b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /version HTTP/1.1\r\n" + b"X: y\r\n" * 1000 + b"\r\n",
    b"GET /version HTTP/1.1\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
    b"GET /version HTTP/1.1\r\nno colon\r\n\r\n",
    POST + b"Content-Length: -1\r\n\r\n",
    POST + b"Content-Length: 1e3\r\n\r\n",
    POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
    POST + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\nabc\r\n0\r\n\r\n",
    POST + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
    POST + b"Content-Type: application/json\r\nContent-Length: 500\r\n\r\n{}",
]


def test_what_is_hardly_http_is_refused(service):
    for request_bytes in HARDLY_HTTP:
        answer = first_line(service, request_bytes)
        assert answer == b"" or answer.split()[1].startswith(b"4"), (request_bytes[:80], answer)
        assert service.status("GET", "/healthz") == 200


def first_line(service, request_bytes):
    """Return the first line of the answer to raw bytes, or nothing when the server hangs up."""
    host, port = service.url.removeprefix("http://").split(":")
    try:
        with socket.create_connection((host, int(port)), timeout=20) as connection:
            connection.sendall(request_bytes)
            connection.shutdown(socket.SHUT_WR)
            return connection.makefile("rb").readline()
    except ConnectionError:
        return b""
    except OSError as error:
        if error.errno != errno.ENOTCONN:
            raise
        return b""


class Mortal:
    """A Postgres of one's own that can be killed and started again."""

    def __init__(self, server):
        self.server = server
        self.url = server.get_uri()

    def kill(self):
        family = [psutil.Process(self.server.get_pid())]
        family += family[0].children(recursive=True)
        os.kill(family[0].pid, signal.SIGKILL)
        psutil.wait_procs(family, SECONDS)

    def start(self):
        self.server.ensure_postgres_running()


@pytest.fixture
def mortal(postgres):
    # Not in pytest's own temporary folder, for the reason that `postgres` gives.
    with TemporaryDirectory() as folder, type(postgres)(Path(folder)) as server:
        server.start()
        found = Mortal(server)
        database.migrate(found.url)
        yield found


def test_the_api_outlives_postgres(serve, mortal):
    service = serve(mortal.url, WRITES_PER_MINUTE="0")

    def write():
        return requests.post(f"{service.url}/api/review", json=REVIEW, timeout=20)

    with ThreadPoolExecutor(8) as pool:
        assert {answer.status_code for answer in pool.map(lambda _: write(), range(40))} == {200}
    mortal.kill()
    for answer in [write() for _ in range(5)]:
        assert (answer.status_code, answer.json()["status"]) == (503, 503)
        assert int(answer.headers["Retry-After"]) > 0
    assert service.status("GET", "/readyz") == 503
    assert service.status("GET", "/healthz") == 200
    assert service.status("POST", "/api/predict", data={"review": "x"}) == 503
    mortal.start()
    assert [write().status_code for _ in range(20)] == [200] * 20
    assert service.status("GET", "/readyz") == 200


def test_no_acknowledged_review_is_lost_or_doubled_whatever_dies(serve, mortal):
    service = serve(mortal.url, WRITES_PER_MINUTE="0")
    over = threading.Event()

    def write(writer):
        """Send reviews, each until it is acknowledged; return the acknowledged."""
        acknowledged = []
        for number in itertools.takewhile(lambda _: not over.is_set(), itertools.count()):
            text = f"{writer}-{number}"
            sent = {"json": REVIEW | {"review": text}, "headers": {"Idempotency-Key": text}}
            while service.status("POST", "/api/review", **sent) != 200:
                time.sleep(0.02)
            acknowledged.append(text)
        return acknowledged

    with ThreadPoolExecutor(8) as pool:
        writers = [pool.submit(write, writer) for writer in range(8)]
        try:
            wait_for_reviews(mortal, 50)
            os.kill(service.workers()[0], signal.SIGKILL)
            wait_for_reviews(mortal, 150)
            mortal.kill()
            time.sleep(0.2)
            mortal.start()
            wait_for_reviews(mortal, 300)
        finally:
            over.set()
        acknowledged = [text for writer in writers for text in writer.result(SECONDS)]
    assert sorted(stored_reviews(mortal)) == sorted(acknowledged)


def stored_reviews(mortal):
    connection = psycopg2.connect(mortal.url)
    with connection, connection.cursor() as cursor:
        cursor.execute("select review from review")
        rows = cursor.fetchall()
    connection.close()
    return [row[0] for row in rows]


def wait_for_reviews(mortal, count):
    eventually(lambda: len(stored_reviews(mortal)) >= count, f"{count} reviews")


TRAINING = "/api/jobs/training/runs"


@pytest.mark.usefixtures("worker")
class TestFollowedLogs:
    @pytest.fixture
    def owner(self, serve, database_url, bearer, jobs_environment):
        given = {name: value for name, value in jobs_environment.items() if "JOBS" in name}
        service = serve(database_url, API_WORKERS="1", API_THREADS="4", **given)
        session = requests.Session()
        session.headers.update(bearer("admin"))
        session.service = service
        return session

    def follow(self, owner):
        run = owner.post(owner.service.url + TRAINING, timeout=20).json()["id"]
        path = f"{owner.service.url}{TRAINING}/{run}/log?follow=true"
        answer = owner.get(path, stream=True, timeout=20)
        pieces = answer.iter_content(None)
        assert next(pieces) == b"begun\n"
        return run, path, answer, pieces

    def test_a_run_is_followed_and_stopped(self, owner):
        run, _, _, pieces = self.follow(owner)
        assert owner.delete(f"{owner.service.url}{TRAINING}/{run}", timeout=20).status_code == 204
        assert b"".join(pieces) == b""
        (told,) = owner.get(owner.service.url + TRAINING, timeout=20).json()
        assert (told["state"], told["reason"]) == ("stopped", "stopped by test")

    def test_a_follower_who_goes_gives_the_place_back(self, owner):
        _, path, answer, _pieces = self.follow(owner)
        assert owner.get(path, timeout=20).status_code == 503
        answer.close()
        eventually(lambda: owner.head(path, timeout=20).status_code == 200, "the place is free")
        again = owner.get(path, stream=True, timeout=20)
        assert next(again.iter_content(None)) == b"begun\n"
        again.close()

    def test_a_server_that_ends_lets_followers_go_in_order(self, owner):
        _, _, _, pieces = self.follow(owner)
        assert owner.service.stop() == 0
        assert b"".join(pieces) == b""
        assert JobRun.get().state == "running"
