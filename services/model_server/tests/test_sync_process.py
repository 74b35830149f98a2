"""The real synchroniser process beside a real TorchServe."""

import json
import os
import random
import socket
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

PROGRAM = Path(sys.executable).with_name("model-server")
PATIENCE = 120
DRAIN = 2


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [opened.getsockname()[1] for opened in sockets]
    for opened in sockets:
        opened.close()
    return ports


def wait_until(condition, *what):
    deadline = time.monotonic() + PATIENCE
    while not condition(*what):
        assert time.monotonic() < deadline, f"not within {PATIENCE} s"
        time.sleep(0.1)


class Pod:
    """TorchServe and the synchroniser beside it, with one home."""

    def __init__(self, home, api, token):
        self.home = home
        self.api = api
        self.ports = free_ports(4)
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

    def start(self, command, *options):
        words = [PROGRAM, command, *map(str, options)]
        with (self.home.parent / f"{command}.log").open("a") as log:
            process = subprocess.Popen(words, env=self.environment, stdout=log, stderr=log)
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
def pod(api, token, shipped, tmp_path_factory):
    """One for all: starting TorchServe takes seconds, and it must cope with all this anyway."""
    # The paths of TorchServe's sockets have to be short.
    made = Pod(tmp_path_factory.mktemp("pod") / "home", api, token)
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
        "serving": before,
        "production": None,
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
    served = fetched_name("3.0", api.production["sha256"])
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
    assert f'model_sync_info{{serving="{before}",production="5.0"}} 1\n' in metrics


def test_killed_again_and_again_it_still_gets_there(pod, api, make_archive):
    moments = random.Random(5)
    for version in ("6.0", "6.1"):
        api.publish(make_archive(version), version)
        for _ in range(6):
            pod.start("sync")
            time.sleep(moments.uniform(0.3, 3))
            assert pod.predict().status_code == 200
            pod.end("sync", kill=True)
    pod.start("sync")
    wait_until(lambda: pod.versions() == {"6.1"})
    served = fetched_name("6.1", api.production["sha256"])
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


def test_without_torchserve_it_is_alive_but_not_ready(api, token, tmp_path):
    pod = Pod(tmp_path / "home", api, token)
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
