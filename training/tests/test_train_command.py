import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.metrics import accuracy_score, f1_score
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from trainer import checkpoint, records, state
from trainer.data.corpus import VALIDATION, Corpus
from trainer.models import open_model

ROOM = Path(__file__).parent.parent
TRAIN = [sys.executable, str(ROOM / "train.py")]
OPTIONS = ["--network", "tiny", "--epochs", "3", "--batch-size", "32", "--precision", "fp32"]
OPTIONS += ["--learning-rate", "3e-3", "--validation", "0.25", "--no-near-duplicates"]
OPTIONS += ["--checkpoint-interval", "2", "--log-interval", "1", "--dropout", "0"]
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}


def start(*arguments, launcher=TRAIN):
    command = [*launcher, *map(str, arguments)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=ENVIRONMENT)


def finish(process):
    out, error = process.communicate(timeout=240)
    return process.returncode, out, error


def train(*arguments):
    code, out, error = finish(start(*arguments))
    assert code == 0, error
    return out


def wait_for_step(folder, step, process):
    while not any(record["step"] >= step for record in records.read(folder)):
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)


def weights(folder):
    return torch.load(folder / checkpoint.WEIGHTS, weights_only=True)


def same(one, other):
    return all(torch.equal(one[name], other[name]) for name in one)


@pytest.fixture(scope="module")
def data(write_reviews, tmp_path_factory):
    return write_reviews(tmp_path_factory.mktemp("data") / "reviews.csv", 900)


@pytest.fixture(scope="module")
def through(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "through"
    return folder, train("--data", data, "--out", folder, *OPTIONS)


def test_a_run_says_what_it_did_and_what_comes_next(through):
    folder, out = through
    assert "900 rows read, 900 used" in out
    assert "epoch 3 of 3: loss" in out
    assert f"python training/archive.py {folder}" in out


def test_a_run_leaves_figures_pictures_and_a_report(through):
    folder, _ = through
    kinds = [record["kind"] for record in records.read(folder)]
    assert (kinds.count("batch"), kinds.count("epoch")) == (66, 3)
    for picture in ("learning_curves.png", "confusion_matrix.png"):
        assert (folder / picture).read_bytes().startswith(b"\x89PNG")
    page = (folder / "report.md").read_text()
    assert "--learning-rate 3e-3" in page
    assert "| bad" in page


def test_the_reports_figures_are_those_of_scikit_learn(through):
    folder, _ = through
    corpus = Corpus.open(folder / checkpoint.CORPUS)
    rows = corpus.rows(VALIDATION)
    called = open_model(str(folder)).probabilities(corpus.texts_at(rows)).argmax(1)
    reported = json.loads((folder / "run.json").read_text())["validation"]
    labels = np.array(corpus.labels[rows])
    assert reported["accuracy"] == pytest.approx(accuracy_score(labels, called))
    weighted = f1_score(labels, called, average="weighted")
    assert reported["weighted_f1"] == pytest.approx(weighted)


def test_tensorboard_reads_the_scalars(through):
    folder, _ = through
    events = EventAccumulator(str(folder / "tensorboard")).Reload()
    assert [event.step for event in events.Scalars("epoch/accuracy")] == [22, 44, 66]
    assert len(events.Scalars("batch/loss")) == 66


@pytest.mark.parametrize("step", [3, 22, 37])
def test_a_killed_run_goes_on_and_ends_with_the_same_weights(data, through, tmp_path, step):
    folder = tmp_path / "killed"
    process = start("--data", data, "--out", folder, *OPTIONS)
    wait_for_step(folder, step, process)
    process.kill()
    finish(process)
    for path in (folder / state.STATE, folder / checkpoint.CONFIG):
        assert path.is_file()
    kept = state.read_position(folder).step
    assert kept >= step - 2
    train("--out", folder, "--resume")
    assert same(weights(folder), weights(through[0]))
    steps = [record["step"] for record in records.read(folder) if record["kind"] == "batch"]
    assert steps == list(range(1, 67))
    assert not list(folder.glob(".*.part"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_saves_the_run_and_says_how_to_go_on(data, through, tmp_path, number):
    folder = tmp_path / "stopped"
    process = start("--data", data, "--out", folder, *OPTIONS)
    wait_for_step(folder, 5, process)
    process.send_signal(number)
    code, out, error = finish(process)
    assert (code, error) == (128 + number, "")
    assert f"--out {folder} --resume" in out
    noted = records.read(folder)[-1]["step"]
    assert state.read_position(folder).step == noted
    train("--out", folder, "--resume")
    assert same(weights(folder), weights(through[0]))


@pytest.mark.integration
def test_two_processes_train_as_one_does(data, tmp_path):
    # Plain gradient descent: Adam blows differences of rounding up from step to step.
    options = [*OPTIONS, "--optimiser", "sgd", "--learning-rate", "0.03", "--data", data]
    train(*options, "--out", tmp_path / "one")
    launcher = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]
    launcher += ["--rdzv-backend", "c10d", "--rdzv-endpoint", "localhost:0"]
    two = start(*options, "--out", tmp_path / "two", launcher=[*launcher, str(ROOM / "train.py")])
    code, out, error = finish(two)
    assert code == 0, error
    assert out.count("epoch 3 of 3") == 1
    alone, together = (records.read(tmp_path / name) for name in ("one", "two"))
    assert [record["step"] for record in alone] == [record["step"] for record in together]
    for figure in ("loss", "accuracy", "weighted_f1"):
        one, two = ([r[figure] for r in run if figure in r] for run in (alone, together))
        np.testing.assert_allclose(two, one, atol=0.005)
    for name, weight in weights(tmp_path / "one").items():
        torch.testing.assert_close(weights(tmp_path / "two")[name], weight, rtol=0.01, atol=0.001)


def test_a_folder_with_a_run_is_not_written_over(data, through):
    code, _, error = finish(start("--data", data, "--out", through[0], *OPTIONS))
    assert code == 2
    assert "add --resume, or choose another --out" in error


def test_a_run_is_not_resumed_with_other_options(through):
    code, _, error = finish(start("--out", through[0], "--resume", "--epochs", 9))
    assert code == 2
    assert "has other options" in error
    assert "epochs" in error


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((), "name --data"),
        (("--data", "absent.csv"), "absent.csv"),
        (("--data", "a.csv", "--loss", "huber"), "huber"),
        (("--data", "a.csv", "--momentum", "0.9"), "--momentum needs --optimiser sgd"),
        (("--config", "absent.toml"), "absent.toml"),
    ],
)
def test_a_mistake_is_one_readable_line(tmp_path, arguments, reason):
    code, _, error = finish(start(*arguments, "--out", tmp_path / "run"))
    assert code == 2
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert reason in error


def test_a_full_disk_is_one_readable_line_and_leaves_no_half_file(data, tmp_path):
    limited = "import resource, runpy, sys, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
    limited += "resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000));"
    limited += "sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    launcher = [sys.executable, "-c", limited, str(ROOM / "train.py")]
    folder = tmp_path / "run"
    code, _, error = finish(start("--data", data, "--out", folder, *OPTIONS, launcher=launcher))
    assert code == 2
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert not (folder / state.STATE).exists()
    assert not list(folder.rglob("*.part"))


def test_help_names_every_option_with_its_default_and_gives_examples():
    code, out, _ = finish(start("--help"))
    assert code == 0
    assert "--learning-rate" in out
    assert "[default: (0.002)]" in out
    assert "torchrun --nproc-per-node 2 training/train.py" in out
