import json
import re

import numpy as np
import pytest

from charcnn.inference import softmax
from trainer import checkpoint, mixture
from trainer.config import LossConfig
from trainer.data.corpus import VALIDATION, Corpus
from trainer.errors import ConfigError
from trainer.models import CheckpointModel, open_model

GIVEN = [25.0, 8.0, 67.0]
OPTIONS = ["--mixture", "25", "--mixture", "8", "--mixture", "67"]
TEXTS = ["great shop 12345", "awful shop 34567", "so-so shop 56789", "fine", "a shop"]


@pytest.fixture(scope="module")
def trained(small_run):
    return checkpoint.load(small_run)


def answers(trained):
    return CheckpointModel(trained, "").probabilities(TEXTS)


def test_answers_follow_the_rule_of_bayes():
    # Half of the bad reviews and a tenth of the good ones say so: among 1 bad in 5, 0.1 to 0.08.
    found = mixture.adjust(np.array([[5 / 6, 0.0, 1 / 6]]), mixture.shares_of([0.2, 1e-9, 0.8]))
    assert found[0].tolist() == pytest.approx([0.1 / 0.18, 0, 0.08 / 0.18], rel=1e-6)


def test_it_makes_the_most_of_a_known_mixture():
    """Of classes that overlap, those that are common are told best by saying so."""
    random, shares = np.random.default_rng(0), mixture.shares_of([3, 1, 6])
    labels = random.choice(3, 5000, p=shares)
    points, variance = np.eye(3)[labels] + random.normal(0, 0.6, (5000, 3)), 0.6**2
    balanced = softmax(points / variance)
    told = mixture.adjust(balanced, shares)
    right = [(one.argmax(axis=1) == labels).mean() for one in (balanced, told)]
    assert right[1] > right[0] + 0.01
    assert told.mean(axis=0) == pytest.approx(shares, abs=0.01)


def test_numbers_in_any_unit_become_shares():
    assert mixture.shares_of(GIVEN).tolist() == pytest.approx([0.25, 0.08, 0.67])
    assert mixture.shares_of(None) is None
    assert mixture.typed(mixture.shares_of([1, 1, 2]))[1::2] == ["0.25", "0.25", "0.5"]


def test_a_network_that_is_told_answers_as_its_adjusted_answers(trained):
    shares = mixture.shares_of(GIVEN)
    told = mixture.told(trained, shares, LossConfig())
    expected = mixture.adjust(answers(trained), shares)
    assert answers(told) == pytest.approx(expected, abs=1e-6)
    assert np.abs(answers(told) - answers(trained)).max() > 0.01


def test_a_network_that_learnt_a_mixture_is_not_told_another(trained):
    learnt = LossConfig(balanced_sampler=False)
    with pytest.raises(ConfigError, match="drew every class equally often"):
        mixture.told(trained, mixture.shares_of(GIVEN), learnt)
    assert mixture.told(trained, None, learnt) is trained


def test_an_archive_is_told_and_its_card_says_so(small_run, run_script, tmp_path):
    path = tmp_path / "told.mar"
    assert run_script("archive", small_run, "--out", path, *OPTIONS).code == 0
    corpus = Corpus.open(small_run / checkpoint.CORPUS)
    texts = corpus.texts_at(corpus.rows(VALIDATION))
    expected = mixture.adjust(
        open_model(str(small_run)).probabilities(texts), mixture.shares_of(GIVEN)
    )
    assert np.abs(open_model(str(path)).probabilities(texts) - expected).max() < 0.1
    assert "bad 25.0%, average 8.0%, good 67.0%" in path.with_suffix(".md").read_text()
    card = json.loads(path.with_suffix(".json").read_text())
    assert card["mixture"] == pytest.approx([0.25, 0.08, 0.67])


@pytest.mark.parametrize("command", ["evaluate", "baseline"])
def test_a_measurement_says_which_mixture_was_expected(command, small_run, run_script, tmp_path):
    path, plain = tmp_path / "told.json", tmp_path / "plain.json"
    said = run_script(command, small_run, "--json", path, *OPTIONS).out
    run_script(command, small_run, "--json", plain)
    assert "expecting bad 25.0%, average 8.0%, good 67.0%" in said
    losses = [
        json.loads(file.read_text())["calibration"]["negative_log_likelihood"]
        for file in (path, plain)
    ]
    assert losses[0] != losses[1]


@pytest.mark.parametrize("command", ["archive", "evaluate", "baseline"])
@pytest.mark.parametrize("options", [OPTIONS[:2], [*OPTIONS[:5], "0"], [*OPTIONS[:5], "nan"]])
def test_a_mixture_that_is_none_is_one_readable_line(command, options, small_run, run_script):
    result = run_script(command, small_run, *options)
    assert result.code == 2
    assert re.search("error: --mixture is given once for each of [^\n]+\n$", result.err)
