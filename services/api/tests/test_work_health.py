"""``review-api work`` says how it is on a port of its own, if it has one."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

pytestmark = pytest.mark.integration

COMMAND = Path(sys.executable).with_name("review-api")


@pytest.fixture
def work(database_url, model, free_port):
    """Return a function that starts the worker."""
    started = []

    def start(url=database_url):
        environment = {
            "DATABASE_URL": url,
            "MODEL_SERVER_URL": model.url,
            "WORK_PORT": str(free_port),
        }
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        worker = subprocess.Popen([COMMAND, "work"], env=environment, text=True, **pipes)
        started.append(worker)
        return worker

    yield start
    for worker in started:
        worker.kill()
        worker.communicate()


def ask(port, path):
    """Ask until somebody listens."""
    while True:
        try:
            return requests.get(f"http://127.0.0.1:{port}{path}", timeout=30)
        except requests.ConnectionError:
            time.sleep(0.05)


def metric(port, name):
    lines = ask(port, "/metrics").text.splitlines()
    return next((float(line.split()[-1]) for line in lines if line.startswith(name)), None)


def test_it_is_alive_ready_and_measured_while_it_scores(work, free_port, client, canary_at):
    canary_at(weight=700)
    client.post("/api/review", json={"review": "fine", "rating": 3, "brand": "Acme"})
    worker = work()
    assert ask(free_port, "/healthz").json() == {"status": "alive"}
    assert ask(free_port, "/readyz").status_code == 200
    assert ask(free_port, "/version").json()["name"] == "review-api"
    calls = 'candor_model_calls_total{outcome="answered",role="production",version="1.0"}'
    while metric(free_port, calls) is None:
        time.sleep(0.05)
    assert metric(free_port, calls) == 1
    assert metric(free_port, "candor_model_call_duration_seconds_count{") == 1
    assert metric(free_port, "candor_canary_weight") == 700
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 0


def test_without_its_database_it_is_alive_but_not_ready(work, free_port):
    work(url="postgresql://127.0.0.1:9/reviews")
    assert ask(free_port, "/healthz").status_code == 200
    answer = ask(free_port, "/readyz")
    assert (answer.status_code, answer.json()["error"]) == (503, "the database is unavailable")
    assert metric(free_port, "candor_canary_weight") is None


def test_a_port_that_is_taken_is_one_readable_line(work, free_port):
    with socket.create_server(("127.0.0.1", free_port)):
        worker = work()
        assert worker.wait(60) == 1
    said = f"review-api: cannot listen on 127.0.0.1:{free_port}: Address already in use\n"
    assert worker.stderr.read() == said


def test_the_api_shows_the_canarys_weight_too(client, canary_at):
    canary_at(weight=700, shadow=50)
    said = client.get("/metrics").text
    assert "candor_canary_weight 700.0" in said
    assert "candor_canary_shadow 50.0" in said
