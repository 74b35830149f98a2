import json

import numpy as np
import pytest
import torch

from charcnn.inference import spread
from trainer import checkpoint, config, device, records, run
from trainer.batches import Shard
from trainer.data.corpus import TRAINING, VALIDATION, Corpus
from trainer.errors import DivergenceError
from trainer.interruption import Interrupted, Request
from trainer.metrics import measure
from trainer.models import open_model

FAST = {
    "split": {"validation": 0.25, "near_duplicates": False},
    "network": {"network": "tiny"},
    "optimiser": {"learning_rate": 3e-3},
    "run": {"epochs": 8, "batch_size": 32, "precision": "fp32", "log_interval": 5},
}


class Silent:
    """A listener that only counts."""

    def __init__(self):
        self.steps, self.epochs = [], []

    def on_batch(self, report):
        self.steps.append(report.step)

    def on_epoch(self, report):
        self.epochs.append(report)


class StopAfter(Silent):
    """Asks the run to stop as a signal would, after so many steps."""

    def __init__(self, request, steps):
        super().__init__()
        self.request, self.left = request, steps

    def on_batch(self, report):
        super().on_batch(report)
        self.left -= 1
        if not self.left:
            self.request.signal = 15


def options(reviews, **changes):
    sections = {name: dict(values) for name, values in FAST.items()}
    sections["data"] = {"data": [str(reviews)]}
    for name, values in changes.items():
        sections[name] = {**sections.get(name, {}), **values}
    return config.make(sections)


def begin(folder, chosen):
    compute = device.choose(chosen.run)
    return run.begin(folder, chosen, compute, Shard(), "a command", lambda _rows: None)


def train(folder, chosen, listener=None, request=None):
    return begin(folder, chosen).train(request or Request(), listener or Silent())


def weights(folder):
    return torch.load(folder / checkpoint.WEIGHTS, weights_only=True)


def last_weights(folder):
    """Return those after the last step, which need not be the kept ones."""
    student = torch.load(folder / "state.pt", weights_only=True)["student"]
    return {name.removeprefix("network."): one for name, one in student.items()}


def same(one, other):
    return all(torch.equal(one[name], other[name]) for name in one)


@pytest.fixture(scope="module")
def data(write_reviews, tmp_path_factory):
    return write_reviews(tmp_path_factory.mktemp("data") / "reviews.csv", 900)


@pytest.fixture(scope="module")
def trained(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "one"
    train(folder, options(data))
    return folder


def validation_accuracy(folder):
    return json.loads((folder / "run.json").read_text())["validation"]["accuracy"]


def test_a_training_learns_what_there_is_to_learn(trained):
    assert validation_accuracy(trained) > 0.9


def test_a_training_on_shuffled_labels_learns_nothing(write_reviews, tmp_path):
    data = write_reviews(tmp_path / "shuffled.csv", shuffled=True)
    train(tmp_path / "run", options(data, run={"epochs": 2}))
    assert validation_accuracy(tmp_path / "run") < 0.5


def test_the_kept_weights_are_those_of_the_best_epoch(trained):
    corpus = Corpus.open(trained / checkpoint.CORPUS)
    rows = corpus.rows(VALIDATION)
    answers = open_model(str(trained)).probabilities(corpus.texts_at(rows))
    measured = measure(corpus.labels[rows], answers)
    epochs = [record for record in records.read(trained) if record["kind"] == "epoch"]
    best = max(record["balanced_accuracy"] for record in epochs)
    assert measured.balanced_accuracy == pytest.approx(best)
    assert measured.accuracy == validation_accuracy(trained)


def test_the_same_seed_gives_the_same_weights_and_another_one_others(data, trained, tmp_path):
    train(tmp_path / "again", options(data))
    train(tmp_path / "other", options(data, run={"seed": 2}))
    assert same(weights(trained), weights(tmp_path / "again"))
    assert not same(weights(trained), weights(tmp_path / "other"))


def test_worker_processes_change_nothing(data, tmp_path):
    chosen = options(data, run={"workers": 1, "epochs": 1}, network={"input_dropout": 0.1})
    train(tmp_path / "with", chosen)
    alone = options(data, run={"epochs": 1}, network={"input_dropout": 0.1})
    train(tmp_path / "without", alone)
    assert same(weights(tmp_path / "with"), weights(tmp_path / "without"))


@pytest.mark.parametrize("steps", [1, 14, 20])
def test_a_run_that_was_stopped_ends_with_the_weights_of_one_that_was_not(
    data, trained, tmp_path, steps
):
    folder, request = tmp_path / "stopped", Request()
    with pytest.raises(Interrupted, match="SIGTERM"):
        train(folder, options(data), StopAfter(request, steps), request)
    seen = Silent()
    train(folder, options(data), seen)
    assert seen.steps[0] == steps + 1
    assert same(weights(folder), weights(trained))
    noted = [record["step"] for record in records.read(folder) if record["kind"] == "batch"]
    assert noted == sorted(set(noted))
    assert records.read(folder)[-1]["step"] == records.read(trained)[-1]["step"]


def test_a_moving_average_survives_a_stop_too(data, tmp_path):
    chosen = options(data, optimiser={"average": 0.9}, run={"epochs": 2})
    train(tmp_path / "through", chosen)
    request = Request()
    with pytest.raises(Interrupted):
        train(tmp_path / "stopped", chosen, StopAfter(request, 17), request)
    train(tmp_path / "stopped", chosen)
    assert same(weights(tmp_path / "through"), weights(tmp_path / "stopped"))
    assert not same(weights(tmp_path / "through"), last_weights(tmp_path / "through"))


def test_a_run_without_progress_stops_early(write_reviews, tmp_path):
    data = write_reviews(tmp_path / "shuffled.csv", 200, shuffled=True)
    seen = Silent()
    chosen = options(data, run={"epochs": 50, "patience": 2}, optimiser={"learning_rate": 1e-6})
    train(tmp_path / "run", chosen, seen)
    assert 3 <= len(seen.epochs) < 50
    assert [report.best for report in seen.epochs[-2:]] == [False, False]


def test_without_validation_reviews_the_last_epoch_is_kept(data, tmp_path):
    seen = Silent()
    train(tmp_path / "run", options(data, split={"validation": 0.0}, run={"epochs": 2}), seen)
    assert [report.metrics for report in seen.epochs] == [None, None]
    assert same(weights(tmp_path / "run"), last_weights(tmp_path / "run"))


def test_the_last_epoch_is_kept_where_the_validation_reviews_shall_choose_nothing(data, tmp_path):
    chosen = options(data, run={"epochs": 3, "keep_epoch": "last"})
    seen = Silent()
    train(tmp_path / "run", chosen, seen)
    assert all(report.best for report in seen.epochs)
    assert same(weights(tmp_path / "run"), last_weights(tmp_path / "run"))


def test_a_loss_that_is_no_number_ends_the_run_with_advice(data, tmp_path):
    wild = options(data, optimiser={"learning_rate": 1e30, "optimiser": "sgd", "clip": 1e30})
    with pytest.raises(DivergenceError, match="lower --learning-rate"):
        train(tmp_path / "run", wild)


def test_a_run_starts_from_the_weights_of_another(data, trained, tmp_path):
    chosen = options(data, network={"start_from": str(trained)}, run={"epochs": 1})
    seen = Silent()
    train(tmp_path / "run", chosen, seen)
    assert seen.epochs[0].metrics.accuracy > 0.9
    other = options(data, network={"start_from": str(trained)}, text={"length": 500})
    with pytest.raises(config.ConfigError, match="reads in another way"):
        train(tmp_path / "other", other)


def test_the_configuration_beside_the_weights_rebuilds_the_run(trained, tmp_path):
    saved = config.read_values(trained / checkpoint.CONFIG)
    train(tmp_path / "again", config.make(saved))
    assert same(weights(trained), weights(tmp_path / "again"))


@pytest.mark.parametrize(
    "changes",
    [
        {"loss": {"loss": "focal", "focal_gamma": 1.5, "focal_alpha": [1.0, 2.0, 1.0]}},
        {"loss": {"class_weights": "balanced", "balanced_sampler": False}},
        {"optimiser": {"optimiser": "sgd", "schedule": "step", "learning_rate": 0.05}},
        {"optimiser": {"optimiser": "adam", "schedule": "cyclical"}},
        # Two classes have shorter epochs.
        {"data": {"grouping": "binary"}, "run": {"epochs": 14}},
        {"text": {"remove": ["urls"], "extra_characters": "é", "length": 300}},
        {"run": {"precision": "bf16"}},
    ],
    ids=lambda changes: next(iter(next(iter(changes.values())))),
)
def test_every_kind_of_training_learns(data, tmp_path, changes):
    train(tmp_path / "run", options(data, **changes))
    corpus = Corpus.open(tmp_path / "run" / checkpoint.CORPUS)
    rows = corpus.rows(VALIDATION)
    answers = open_model(str(tmp_path / "run")).probabilities(corpus.texts_at(rows))
    expected = spread(np.eye(len(corpus.label_names))[corpus.labels[rows]], corpus.label_names)
    assert (answers.argmax(1) == expected.argmax(1)).mean() > 0.8


def test_the_revision_of_the_code_is_stated_where_there_is_no_git(monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert run.code_revision() == "unknown"
    monkeypatch.setenv("CODE_REVISION", "f00ba4")
    assert run.code_revision() == "f00ba4"


def test_the_learning_rate_finder_suggests_a_rate_that_learns(data, tmp_path):
    finding = run.find_rate(begin(tmp_path / "run", options(data)))
    assert 1e-5 < finding.suggestion < 0.3
    assert len(finding.rates) == len(finding.losses) > 20
    assert len(Corpus.open(tmp_path / "run/corpus").rows(TRAINING)) < 32 * len(finding.rates)
