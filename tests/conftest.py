"""The real parts, started once for all tests that cross rooms."""

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import requests
from bench.ports import free_ports

from candor_local.settings import Settings
from model_server.readiness import is_ready

CHECKOUT = Path(__file__).parent.parent
SCRIPTS = Path(sys.executable).parent
PATIENCE = 240
PASSWORD = "a password for tests"


@dataclass(frozen=True)
class Product:
    """A running product and where to find its parts."""

    process: subprocess.Popen
    home: Path
    ports: dict[str, int]

    def url(self, part):
        return f"http://127.0.0.1:{self.ports[part]}"

    def environment(self):
        return environment_of(self.home, self.ports)

    def log_in(self):
        session = requests.Session()
        who = {"username": "admin", "password": PASSWORD}
        session.post(f"{self.url('API_PORT')}/api/session", json=who).raise_for_status()
        return session


def environment_of(home, ports):
    settings = {"CANDOR_HOME": str(home), "ADMIN_PASSWORD": PASSWORD, "WRITES_PER_MINUTE": "0"}
    return {**os.environ, **settings, **{name: str(port) for name, port in ports.items()}}


def wait_until(condition, process, said=lambda: ""):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert process.poll() is None, f"it ended with {process.returncode}: {said()}"
        assert time.monotonic() < deadline, f"not within {PATIENCE} s: {said()}"
        time.sleep(0.1)


def start_product(home):
    names = [name.upper() for name in Settings.model_fields if name.endswith("_port")]
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    home.mkdir(parents=True, exist_ok=True)
    said = home / "said.txt"
    with said.open("w") as output:
        process = subprocess.Popen(
            [SCRIPTS / "candor", "run"],
            cwd=CHECKOUT,
            env=environment_of(home, ports),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    ready = re.compile("^Candor is ready", re.MULTILINE)
    wait_until(lambda: ready.search(said.read_text()), process, said.read_text)
    return Product(process, home, ports)


def stop_product(product):
    product.process.send_signal(signal.SIGTERM)
    return product.process.wait(timeout=60)


@pytest.fixture(scope="session", name="wait_until")
def wait_until_fixture():
    return wait_until


@pytest.fixture(scope="session")
def checkout():
    return CHECKOUT


@pytest.fixture(scope="session")
def candor():
    return SCRIPTS / "candor"


@pytest.fixture(scope="session", name="start_product")
def start_product_fixture():
    return start_product


@pytest.fixture(scope="session", name="stop_product")
def stop_product_fixture():
    return stop_product


@contextmanager
def throw_away_home():
    # Not in pytest's own temporary folder: another test session would close that to the user
    # as whom root's Postgres runs.
    with TemporaryDirectory(prefix="candor-") as folder:
        yield Path(folder) / "home"


@pytest.fixture(scope="session", name="throw_away_home")
def throw_away_home_fixture():
    return throw_away_home


@pytest.fixture
def home():
    with throw_away_home() as home:
        yield home


@pytest.fixture(scope="session")
def product():
    with throw_away_home() as home:
        started = start_product(home)
        yield started
        stop_product(started)


@pytest.fixture(scope="session")
def serve(tmp_path_factory):
    """Start TorchServe with a model store; gives the address of its predictions."""
    processes = []

    def serve(store):
        port, management, metrics = free_ports(3)
        home = tmp_path_factory.mktemp("ts")
        options = {
            "--model-store": store,
            "--port": port,
            "--management-port": management,
            "--metrics-port": metrics,
            "--home": home,
        }
        words = [str(word) for option in options.items() for word in option]
        program = SCRIPTS / "model-server"
        with (home / "log.txt").open("w") as log:
            process = subprocess.Popen([program, "serve", *words], stdout=log, stderr=log)
        processes.append(process)
        url = f"http://127.0.0.1:{management}"
        wait_until(lambda: is_ready(url), process, (home / "log.txt").read_text)
        return f"http://127.0.0.1:{port}"

    yield serve
    for process in processes:
        process.terminate()
        process.wait(timeout=60)
