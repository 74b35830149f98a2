"""The real TorchServe with a tiny model that is trained here."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import requests

pytestmark = pytest.mark.integration

WORDS = {0: "awful broken rude", 1: "okay so-so fine", 2: "great lovely best"}


def write_reviews(path):
    random = np.random.default_rng(1)
    rows = []
    for number in range(1200):
        word = random.choice(WORDS[number % 3].split())
        rows.append(f"the {word} shop number {number},{number % 3}\n")
    path.write_text("text,rating_class\n" + "".join(rows))


@pytest.fixture(scope="module")
def url(serve, checkout, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny")
    write_reviews(folder / "reviews.csv")

    def run(script, *options):
        command = [sys.executable, checkout / "training" / script, *map(str, options)]
        subprocess.run(command, check=True, capture_output=True)

    data = ["--data", folder / "reviews.csv"]
    sizes = ["--network", "tiny", "--epochs", 6, "--epoch-size", 900, "--batch-size", 32]
    run("train.py", *data, "--out", folder / "run", *sizes, "--learning-rate", 0.003)
    store = folder / "store"
    run("archive.py", folder / "run", "--version", "t1", "--out", store / "sentiment.mar")
    return serve(store)


def predict(url, **arguments):
    return requests.post(f"{url}/predictions/sentiment", timeout=30, **arguments)


def test_a_review_may_come_as_json_or_as_a_form_field(url):
    as_json = predict(url, json={"review": "the great shop number 7"})
    as_form = predict(url, data={"review": "the great shop number 7"})
    as_file = predict(url, files={"review": (None, "the great shop number 7")})
    assert as_json.json() == as_form.json() == as_file.json()
    assert as_json.headers["Content-Type"] == "application/json"
    answer = as_json.json()
    assert answer["label"] == "good"
    assert answer["rating"] in (4, 5)
    assert answer["model_version"] == "t1"
    assert sum(answer["probabilities"].values()) == pytest.approx(1)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({}, "send JSON"),
        ({"json": {}}, "no review in body"),
        ({"json": {"review": None}}, "no review in body"),
        ({"json": {"review": ""}}, "empty"),
        ({"json": {"review": 5}}, "must be text"),
        ({"json": {"review": "é" * 40_000}}, "longer than 65536 bytes"),
        ({"data": b'{"review": ', "headers": {"Content-Type": "application/json"}}, "send JSON"),
        ({"data": b"[" * 5000, "headers": {"Content-Type": "application/json"}}, "send JSON"),
        (
            {"data": b"review=%FF", "headers": {"Content-Type": "application/octet-stream"}},
            "send JSON",
        ),
    ],
)
def test_a_bad_request_is_400_with_a_reason(url, arguments, reason):
    response = predict(url, **arguments)
    assert response.status_code == 400
    assert reason in response.json()["error"]
    assert predict(url, json={"review": "still here"}).status_code == 200


def test_bad_inputs_in_a_batch_leave_the_others_their_answers(url):
    expected = predict(url, json={"review": "an awful shop"}).json()
    bodies = [{"review": "an awful shop"}, {"review": 5}] * 40
    with ThreadPoolExecutor(16) as pool:
        responses = list(pool.map(lambda body: predict(url, json=body), bodies))
    assert [response.json() for response in responses[::2]] == [expected] * 40
    assert {response.status_code for response in responses[1::2]} == {400}


def test_an_explanation_says_which_words_moved_the_score(url):
    text = "the great shop number 7"
    response = requests.post(f"{url}/explanations/sentiment", json={"review": text}, timeout=30)
    answer = response.json()
    plain = predict(url, json={"review": text}).json()
    assert {name: answer[name] for name in plain} == plain
    assert [word["text"] for word in answer["words"]] == text.split()
    great = answer["words"][1]
    assert text[great["start"] : great["end"]] == "great"
    assert great["effect"] > 0


def test_explanations_and_predictions_at_once_do_not_mix(url):
    kinds = ["predictions", "explanations"] * 20

    def ask(kind):
        body = {"review": "a lovely shop"}
        return requests.post(f"{url}/{kind}/sentiment", json=body, timeout=30).json()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, kinds))
    assert ["words" in answer for answer in answers] == [False, True] * 20
