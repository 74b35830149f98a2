"""The real synchroniser process beside a real TorchServe."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
import requests

from model_server.readiness import is_ready
from model_server.store import fetched_name

pytestmark = pytest.mark.integration

FORKS = """
import os, sys
from model_server import sync_process
from model_server.settings import Settings
for _ in sys.stdin:
    child = os.fork()
    if child == 0:
        sync_process.run(Settings())
    print(child, flush=True)
    os.waitpid(child, 0)
"""
"""Starts the synchroniser without the second that its imports take, once a line."""
LOADS_FOR_EVER = """
import time
class Handler:
    def initialize(self, context):
        time.sleep(3600)
    def handle(self, rows, context):
        return ["never"]
"""
ANSWERS_NEVER = """
import time
class Handler:
    def initialize(self, context):
        pass
    def handle(self, rows, context):
        time.sleep(3600)
"""
ANSWERS_AS_ANOTHER = """
class Handler:
    def initialize(self, context):
        pass
    def handle(self, rows, context):
        return [{"model_version": "0.0"} for _ in rows]
"""
ANSWERS_AT_ONCE = """
class Handler:
    def initialize(self, context):
        self.version = context.manifest["model"]["modelVersion"]
    def handle(self, rows, context):
        return [{"model_version": self.version} for _ in rows]
"""

PROGRAM = Path(sys.executable).with_name("model-server")
PATIENCE = 120
DRAIN = 2


def wait_until(condition, *what):
    deadline = time.monotonic() + PATIENCE
    while not condition(*what):
        assert time.monotonic() < deadline, f"not within {PATIENCE} s"
        time.sleep(0.1)


class Pod:
    """TorchServe and the synchroniser beside it, with one home."""

    def __init__(self, home, api, token, ports):
        self.home = home
        self.api = api
        self.ports = ports
        self.environment = os.environ | {
            "MODEL_SERVER_HOME": str(home),
            "MODEL_SYNC_TOKEN": token,
            "SYNC_INTERVAL_SECONDS": "0.2",
            "SYNC_DRAIN_SECONDS": str(DRAIN),
            "REVIEW_API_URL": api.url,
        }
        names = ("MODEL_PORT", "MANAGEMENT_PORT", "METRICS_PORT", "SYNC_PORT")
        self.environment |= dict(zip(names, map(str, self.ports), strict=True))
        self.running = {}

    def start(self, command, *options, **settings):
        words = [PROGRAM, command, *map(str, options)]
        environment = self.environment | settings
        with (self.home.parent / f"{command}.log").open("a") as log:
            process = subprocess.Popen(words, env=environment, stdout=log, stderr=log)
        self.running[command] = process
        return process

    def serve(self, model_store):
        self.start("serve", "--model-store", model_store)
        wait_until(is_ready, self.management)

    def end(self, command, kill=False):
        process = self.running.pop(command)
        process.kill() if kill else process.terminate()
        return process.wait(timeout=60)

    @property
    def management(self):
        return f"http://127.0.0.1:{self.ports[1]}"

    def predict(self, kind="predictions"):
        url = f"http://127.0.0.1:{self.ports[0]}/{kind}/sentiment"
        return requests.post(url, json={"review": "good, but late"}, timeout=60)

    def version(self):
        return self.predict().json()["model_version"]

    def versions(self):
        found = requests.get(f"{self.management}/models/sentiment/all", timeout=10).json()
        return {one["modelVersion"] for one in found}

    def ask(self, path):
        return requests.get(f"http://127.0.0.1:{self.ports[3]}{path}", timeout=10)

    def files(self):
        return {path.name for path in (self.home / "store").iterdir()}

    def unpacked(self):
        return len(list((self.home / "tmp" / "models").iterdir()))

    def close(self):
        for command in list(self.running):
            self.end(command)


@pytest.fixture(scope="module")
def api(review_api):
    made = review_api()
    yield made
    made.close()


@pytest.fixture(scope="module")
def pod(api, token, shipped, tmp_path_factory, free_ports):
    """One for all: starting TorchServe takes seconds, and it must cope with all this anyway."""
    # The paths of TorchServe's sockets have to be short.
    made = Pod(tmp_path_factory.mktemp("pod") / "home", api, token, free_ports(4))
    try:
        made.serve(shipped.parent)
        yield made
    finally:
        made.close()


@pytest.fixture
def sync(pod):
    """The running process, once it has looked."""
    process = pod.start("sync")
    wait_until(lambda: process.poll() is None and _answers(pod))
    wait_until(lambda: pod.ask("/readyz").json()["problem"] is None)
    yield process
    assert pod.end("sync") == 0


@pytest.mark.usefixtures("sync")
def test_a_published_version_is_served_without_a_failed_request(pod, api, make_archive):
    before = pod.version()
    assert pod.ask("/readyz").json() == {
        "status": "ready",
        "alias": "production",
        "serving": before,
        "wanted": None,
        "problem": None,
    }
    stop = Event()
    with ThreadPoolExecutor(4) as pool:
        kinds = ["predictions", "predictions", "predictions", "explanations"]
        clients = [pool.submit(ask_all_the_time, pod, kind, stop) for kind in kinds]
        try:
            api.publish(make_archive("3.0"), "3.0")
            wait_until(lambda: pod.versions() == {"3.0"})
        finally:
            stop.set()
    for client in clients:
        seen = client.result()
        assert {status for status, _ in seen} == {200}
        versions = [version for _, version in seen]
        assert list(dict.fromkeys(versions)) == [before, "3.0"]
        assert sorted(versions) == versions
    served = fetched_name("3.0", api.wanted["sha256"])
    assert pod.files() == {"sentiment.mar", served}
    assert pod.unpacked() == 1
    assert "model_sync_switches_total 1\n" in pod.ask("/metrics").text


@pytest.mark.usefixtures("sync")
def test_a_version_whose_workers_do_not_start_never_becomes_the_default(pod, api, make_archive):
    before = pod.version()
    api.publish(make_archive("5.0", handler="raise RuntimeError('it does not load')"), "5.0")
    wait_until(lambda: "died while it started" in (pod.ask("/readyz").json()["problem"] or ""))
    assert pod.ask("/readyz").json()["serving"] == pod.version() == before
    assert pod.versions() == {before}
    metrics = pod.ask("/metrics").text
    assert 'model_sync_failures_total{of="model"} 1\n' in metrics
    assert f'model_sync_info{{alias="production",serving="{before}",wanted="5.0"}} 1\n' in metrics


@pytest.mark.parametrize(
    ("version", "handler", "problem"),
    [
        ("5.1", LOADS_FOR_EVER, None),
        ("5.2", ANSWERS_NEVER, "TorchServe needs more than 6 s"),
        ("5.3", ANSWERS_AS_ANOTHER, "version 5.3 does not answer as it should"),
    ],
    ids=["hangs while it loads", "hangs when it is asked", "answers as another"],
)
def test_a_version_that_hangs_or_answers_wrongly_never_becomes_the_default(
    pod, api, make_archive, version, handler, problem
):
    before = pod.version()
    # On a busy machine a worker that would load may take as long as one that never does.
    problems = {problem, f"version {version} has too few workers after 6 s"}
    api.publish(make_archive(version, handler), version)
    pod.start("sync", SYNC_START_SECONDS="6")
    wait_until(lambda: _answers(pod) and "wanted" in pod.ask("/readyz").json())
    wait_until(lambda: pod.ask("/readyz").json()["problem"] in problems - {None})
    assert pod.ask("/readyz").json()["serving"] == pod.version() == before
    wait_until(lambda: pod.versions() == {before})
    assert pod.end("sync") == 0
    assert pod.version() == before


def test_killed_at_fifty_moments_it_still_gets_there(pod, api, make_archive):
    moments = random.Random(5)
    good = {pod.version()}
    environment = pod.environment | {"SYNC_INTERVAL_SECONDS": "0.05", "SYNC_DRAIN_SECONDS": "0.1"}
    with subprocess.Popen(
        [sys.executable, "-c", FORKS],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as forks:
        for number in range(50):
            if number % 10 == 0:
                version = f"6.{number}"
                good.add(version)
                api.publish(make_archive(version, ANSWERS_AT_ONCE), version)
            print("start", file=forks.stdin, flush=True)
            process = int(next(line for line in forks.stdout if line.strip().isdigit()))
            time.sleep(moments.uniform(0, 0.7))
            assert pod.version() in good
            os.kill(process, signal.SIGKILL)
        forks.stdin.close()
    pod.start("sync")
    api.publish(make_archive("6.1"), "6.1")
    wait_until(lambda: pod.versions() == {"6.1"})
    served = fetched_name("6.1", api.wanted["sha256"])
    wait_until(lambda: pod.files() == {"sentiment.mar", served})
    wait_until(lambda: _answers(pod) and pod.ask("/readyz").json()["problem"] is None)
    assert json.loads((pod.home / "served.json").read_text())["archive"] == served
    assert pod.unpacked() == 1
    assert pod.version() == "6.1"
    pod.end("sync")


def test_a_torchserve_that_starts_alone_serves_the_last_version(pod):
    before = pod.version()
    pod.end("serve", kill=True)
    pod.serve(pod.home.parent / "no-such-store")
    assert pod.version() == before


def test_without_torchserve_it_is_alive_but_not_ready(api, token, tmp_path, free_ports):
    pod = Pod(tmp_path / "home", api, token, free_ports(4))
    sync = pod.start("sync")
    try:
        wait_until(lambda: sync.poll() is None and _answers(pod))
        assert pod.ask("/readyz").status_code == 503
        assert pod.ask("/healthz").json() == {"status": "alive"}
        assert pod.ask("/version").json()["name"] == "model-sync"
        assert pod.ask("/else").status_code == 404
        assert "model_sync_in_order 0\n" in pod.ask("/metrics").text
        problem = subprocess.run(
            [PROGRAM, "sync"], env=pod.environment, capture_output=True, text=True, check=False
        )
        assert (problem.returncode, problem.stderr.count("\n")) == (1, 1)
        assert "Address already in use" in problem.stderr
    finally:
        assert pod.end("sync") == 0


def test_without_a_token_it_says_what_is_missing(tmp_path):
    environment = {name: value for name, value in os.environ.items() if name != "MODEL_SYNC_TOKEN"}
    done = subprocess.run(
        [PROGRAM, "sync", "--home", tmp_path],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == (
        "model-server: MODEL_SYNC_TOKEN is not set: it needs a token that may models:read\n"
    )


def ask_all_the_time(pod, kind, stop):
    seen = []
    while not stop.is_set():
        answer = pod.predict(kind)
        seen.append((answer.status_code, answer.json().get("model_version")))
    return seen


def _answers(pod):
    try:
        return pod.ask("/healthz").ok
    except requests.ConnectionError:
        return False
