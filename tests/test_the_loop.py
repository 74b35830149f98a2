"""The whole loop on one machine: collect, show, train on what was collected, publish, serve."""

import os
import re
import socket
import subprocess
import sys
import threading
import time
from itertools import groupby

import pytest
import requests
from playwright.sync_api import expect

pytestmark = pytest.mark.integration

COUNTS = re.compile(r"^(demo site|database): +([\d,]+) companies +([\d,]+) reviews$", re.MULTILINE)
MOST_BRANDS = 200
"""How often to ask for another brand: that none of a fifth turns up has odds of 1 to 10^19."""


@pytest.fixture(scope="module")
def product(start_product, stop_product, throw_away_home):
    """With a canary; and what the gate does not pass may go live if the owner wants it."""
    with pytest.MonkeyPatch.context() as patch, throw_away_home() as home:
        patch.setenv("CANARY", "1")
        patch.setenv("GATE_REQUIRED", "false")
        started = start_product(home)
        yield started
        stop_product(started)
        assert [name for name, port in started.ports.items() if is_taken(port)] == []


@pytest.fixture(scope="module")
def publish(product, candor):
    """Run `candor publish` with its options; gives the finished command."""

    def run(*options):
        return subprocess.run(
            [candor, "publish", *options],
            env=product.environment(),
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture(scope="module")
def shipped(publish, checkout):
    """How publishing the shipped model, which is production from then on, went."""
    return publish(checkout / "model-store" / "sentiment.mar")


@pytest.fixture(scope="module")
def trained(product, collected, train, tmp_path_factory):
    """Version 9.1, which the tiny network learnt from what was collected."""
    assert collected
    folder = tmp_path_factory.mktemp("trained")
    export = f"{product.url('API_PORT')}/api/training-data"
    sizes = ["--network", "tiny", "--epochs", 4, "--epoch-size", 1800, "--batch-size", 32]
    train("train.py", "--data", export, "--out", folder / "run", *sizes, "--learning-rate", 3e-3)
    archive = folder / "store" / "sentiment.mar"
    train("archive.py", folder / "run", "--version", "9.1", "--out", archive)
    return archive


@pytest.fixture(scope="module")
def refresh(product, candor):
    def run():
        done = subprocess.run(
            [candor, "refresh"],
            env=product.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="module")
def collected(refresh):
    """What the first refresh said."""
    return refresh()


@pytest.fixture(scope="module")
def train(product, checkout):
    """Run a training script with the product's token for training; gives what it said."""

    def run(script, *options):
        token = (product.home / "secrets" / "training-token").read_text().strip()
        command = [sys.executable, checkout / "training" / script, *map(str, options)]
        environment = {**os.environ, "TRAINING_TOKEN": token, "OMP_NUM_THREADS": "1"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def counts(said):
    return {place: (companies, reviews) for place, companies, reviews in COUNTS.findall(said)}


def listed(product, path):
    rows, session = [], product.log_in()
    url = f"{product.url('API_PORT')}{path}?limit=100"
    while url:
        answer = session.get(url)
        answer.raise_for_status()
        rows += answer.json()
        following = answer.links.get("next")
        url = following and requests.compat.urljoin(url, following["url"])
    return rows


def test_a_refresh_brings_all_that_the_demo_site_has(collected, product):
    found = counts(collected)
    assert found["database"] == found["demo site"]
    companies, reviews = (int(count.replace(",", "")) for count in found["demo site"])
    assert companies >= 40
    assert reviews >= 2000
    assert len(listed(product, "/api/scraped-reviews")) == reviews


def test_a_second_refresh_finds_only_what_is_new(collected, refresh):
    again = refresh()
    assert counts(again) == counts(collected)
    assert re.search(r"reviews +[\d,]+ read, 0 new", again)


@pytest.mark.usefixtures("collected")
def test_new_companies_appear_on_the_review_page(product, browser):
    names = {row["name"] for row in listed(product, "/api/companies") if row["site"] == "demo"}
    page = browser.new_page(base_url=product.url("UI_PORT"))
    page.goto("/")
    brand = page.locator(".brand-name")
    expect(brand).not_to_be_empty()
    for _ in range(MOST_BRANDS):
        shown = brand.inner_text()
        if shown in names:
            break
        page.get_by_role("button", name="Review another brand").click()
        expect(brand).not_to_have_text(shown)
    assert shown in names
    page.close()


def test_the_gate_passes_the_shipped_model(shipped):
    assert shipped.returncode == 0, shipped.stdout + shipped.stderr
    assert "verdict: pass" in shipped.stdout


def test_the_gate_keeps_a_model_that_learnt_too_little_from_going_live(product, publish, trained):
    done = publish(trained)
    assert done.returncode == 1
    assert "verdict: fail" in done.stdout
    assert done.stderr.endswith("Error: the model was not published (see above)\n")
    assert version_at(product.url("MODEL_PORT")) != "9.1"


def test_a_canary_answers_beside_production(product, publish, trained):
    before = version_at(product.url("MODEL_PORT"))
    done = publish(trained, "--alias", "canary", "--no-gate")
    assert done.returncode == 0, done.stdout + done.stderr
    assert version_at(product.url("CANARY_PORT")) == "9.1"
    assert version_at(product.url("MODEL_PORT")) == before


@pytest.mark.usefixtures("shipped")
def test_a_model_trained_on_the_export_goes_live_and_back_without_a_failed_request(
    product, publish, trained, candor
):
    with Visitor(product.url("MODEL_PORT")) as visitor:
        assert publish(trained, "--no-gate").returncode == 0
        visitor.ask_on()
        back = [candor, "rollback", "--reason", "it learnt too little"]
        subprocess.run(back, env=product.environment(), check=True)
        visitor.ask_on()
    assert visitor.failures == []
    before, *changes = [version for version, _ in groupby(visitor.versions)]
    assert changes == ["9.1", before]
    listed = subprocess.run(
        [candor, "models", "events"],
        env=product.environment() | {"COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "it learnt too little" in listed.stdout


def version_at(url):
    answer = requests.post(f"{url}/predictions/sentiment", json={"review": "late"}, timeout=30)
    return answer.json()["model_version"]


def is_taken(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Visitor:
    """Asks for predictions without a pause, and remembers which versions answered."""

    def __init__(self, url):
        self.url = f"{url}/predictions/sentiment"
        self.versions, self.failures = [], []
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def __enter__(self):
        self._thread.start()
        self.ask_on()
        return self

    def __exit__(self, *_):
        self._leaving.set()
        self._thread.join()

    def ask_on(self):
        """Wait for twenty more answers."""
        enough = len(self.versions) + len(self.failures) + 20
        while len(self.versions) + len(self.failures) < enough:
            time.sleep(0.01)

    def _ask(self):
        with requests.Session() as session:
            while not self._leaving.is_set():
                answer = session.post(self.url, json={"review": "It came late."}, timeout=30)
                if answer.ok:
                    self.versions.append(answer.json()["model_version"])
                else:
                    self.failures.append(answer.text)
