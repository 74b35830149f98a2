"""The archive in model-store: what is in it, and that it answers as its card says."""

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
import requests

import charcnn
from trainer.models import open_model

REVIEWS = [
    "I love it, the best shop I have ever used. Highly recommended!",
    "Terrible. It broke after a day and nobody answers. I want my money back.",
    "It is okay, nothing special. Delivery took a while but the product works.",
    "ÀÉ €€ 北京 🙂",
    "a" * 5000,
    "NO!!!",
]


@pytest.fixture(scope="module")
def archive(checkout):
    return checkout / "model-store" / "sentiment.mar"


@pytest.fixture(scope="module")
def card(archive):
    return json.loads(archive.with_suffix(".json").read_text())


def test_it_is_small_enough_to_ship(archive):
    assert archive.stat().st_size <= 15_000_000


def test_its_charcnn_and_handler_are_the_sources_byte_for_byte(archive, checkout):
    package = Path(charcnn.__file__).parent
    sources = {f"charcnn/{path.name}": path for path in package.glob("*.py")}
    for name in ("handler.py", "model-config.yaml"):
        sources[name] = checkout / "services/model_server" / name
    with zipfile.ZipFile(archive) as content:
        packed = {name for name in content.namelist() if name.startswith("charcnn/")}
        assert packed == {name for name in sources if name.startswith("charcnn/")}
        for name, source in sources.items():
            assert content.read(name) == source.read_bytes(), name


def test_the_card_gives_figures_for_every_class_and_both_precisions(card, archive):
    assert set(card["metrics"]) == {"int8", "fp32"}
    shipped = card["metrics"][card["precision"]]
    assert sum(map(sum, shipped["confusion"])) == shipped["reviews"]
    correct = sum(shipped["confusion"][index][index] for index in range(3))
    assert shipped["accuracy"] == pytest.approx(correct / shipped["reviews"])
    page = archive.with_suffix(".md").read_text()
    assert f"{shipped['accuracy']:.4f}" in page
    assert card["data_sha256"] in page


def test_it_is_far_better_than_guessing(card):
    assert card["metrics"][card["precision"]]["balanced_accuracy"] > 0.68


@pytest.mark.integration
def test_torchserve_answers_as_predict_does(product, archive, card):
    served = open_model(product.url("MODEL_PORT")).probabilities(REVIEWS)
    np.testing.assert_allclose(served, open_model(str(archive)).probabilities(REVIEWS), atol=1e-6)
    url = f"{product.url('MODEL_PORT')}/predictions/sentiment"
    answers = [requests.post(url, json={"review": review}).json() for review in REVIEWS]
    assert {answer["model_version"] for answer in answers} == {card["version"]}
    assert [answer["label"] for answer in answers[:2]] == ["good", "bad"]
