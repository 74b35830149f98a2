"""The whole loop on one machine: collect, show, train on what was collected, publish, serve."""

import os
import re
import subprocess
import sys
import threading
import time

import pytest
import requests
from playwright.sync_api import expect

pytestmark = pytest.mark.integration

COUNTS = re.compile(r"^(demo site|database): +([\d,]+) companies +([\d,]+) reviews$", re.MULTILINE)
MOST_BRANDS = 200
"""How often to ask for another brand: that none of a fifth turns up has odds of 1 to 10^19."""


@pytest.fixture(scope="module")
def product(start_product, stop_product, throw_away_home):
    with throw_away_home() as home:
        started = start_product(home)
        yield started
        stop_product(started)


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


@pytest.mark.usefixtures("collected")
def test_a_model_trained_on_the_export_goes_live_without_a_failed_request(
    product, train, candor, tmp_path
):
    export = f"{product.url('API_PORT')}/api/training-data"
    sizes = ["--network", "tiny", "--epochs", 4, "--epoch-size", 1800, "--batch-size", 32]
    train("train.py", "--data", export, "--out", tmp_path / "run", *sizes, "--learning-rate", 3e-3)
    archive = tmp_path / "store" / "sentiment.mar"
    train("archive.py", tmp_path / "run", "--version", "9.1", "--out", archive)

    with Visitor(product.url("MODEL_PORT")) as visitor:
        started = time.monotonic()
        subprocess.run([candor, "publish", archive], env=product.environment(), check=True)
        assert time.monotonic() - started < 30
        visitor.ask_on()
    assert visitor.failures == []
    assert visitor.versions[0] != "9.1"
    assert visitor.versions[-1] == "9.1"
    assert len(set(visitor.versions)) == 2


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
