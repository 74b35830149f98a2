import csv
import importlib.util
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

from trainer import archive, checkpoint, command_line, config, device, run
from trainer.batches import Shard
from trainer.export import export_fp32
from trainer.interruption import Request

# Tiny networks gain nothing from a second thread, and lose much on a busy machine.
torch.set_num_threads(1)

MODEL_SERVER = Path(__file__).parent.parent.parent / "services" / "model_server"

WORDS = {
    1: ["awful", "broken", "rude"],
    3: ["okay", "so-so", "fine"],
    5: ["great", "lovely", "best"],
}


def made_reviews(count, seed, shuffled=False):
    """Return texts that a glance tells apart, and their stars; or stars that say nothing."""
    random = np.random.default_rng(seed)
    stars = [1 + 2 * (number % 3) for number in range(count)]
    texts = [f"{random.choice(WORDS[star])} shop {random.integers(100_000)}" for star in stars]
    return texts, random.permutation(stars).tolist() if shuffled else stars


@pytest.fixture(scope="session")
def write_reviews():
    def write(path, count=600, seed=1, shuffled=False):
        with path.open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["text", "rating"])
            rows.writerows(zip(*made_reviews(count, seed, shuffled), strict=True))
        return path

    return write


class Quiet:
    """A listener that says nothing."""

    def on_batch(self, report):
        pass

    def on_epoch(self, report):
        pass


@pytest.fixture(scope="session")
def reviews(write_reviews, tmp_path_factory):
    """A file of labelled reviews."""
    return write_reviews(tmp_path_factory.mktemp("data") / "reviews.csv")


@pytest.fixture(scope="session")
def small_run(reviews, tmp_path_factory):
    """The folder of a run of the tiny network that has ended, on `reviews`."""
    folder = tmp_path_factory.mktemp("runs") / "small"
    chosen = config.make(
        {
            "data": {"data": (str(reviews),)},
            "split": {"validation": 0.25, "near_duplicates": False},
            "text": {"length": 150},
            "network": {"network": "tiny", "dropout": 0.0},
            "loss": {"label_smoothing": 0.0},
            "optimiser": {"learning_rate": 1e-2},
            "run": {"epochs": 4, "batch_size": 16, "precision": "fp32", "name": "tiny-sentiment"},
        }
    )
    command = "python training/train.py --data reviews.csv --out runs/small"
    begun = run.begin(
        folder, chosen, device.choose(chosen.run), Shard(), command, lambda _rows: None
    )
    begun.train(Request(), Quiet())
    return folder


@pytest.fixture(scope="session")
def load_script():
    """Give the function that loads a script of the room as a module."""

    def load(name):
        path = Path(__file__).parent.parent / f"{name}.py"
        spec = importlib.util.spec_from_file_location(f"script_{name}", path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        return module

    return load


@pytest.fixture(scope="session")
def small_mar(small_run, load_script, tmp_path_factory):
    """The archive of `small_run` in int8, with its card beside it."""
    path = tmp_path_factory.mktemp("store") / "tiny.mar"
    comparison = path.with_name("comparison.md")
    comparison.write_text("| model | accuracy |\n|---|---|\n| a coin | 0.5 |\n")
    load_script("archive").main(
        run=small_run, version="7.1", out=path, precision="int8", comparison=comparison
    )
    return path


@pytest.fixture(scope="session")
def sabotaged(small_run, tmp_path_factory):
    """An archive whose network says good to everything: its last layer is spoilt."""
    trained = checkpoint.load(small_run)
    last = [one for one in trained.network.modules() if isinstance(one, torch.nn.Linear)][-1]
    with torch.no_grad():
        last.weight.zero_()
        last.bias.copy_(torch.tensor([-5.0, -5.0, 5.0]))
    folder = tmp_path_factory.mktemp("sabotaged")
    export_fp32(trained, folder / "fp32.onnx")
    parts = (MODEL_SERVER / "handler.py", MODEL_SERVER / "model-config.yaml", folder / "good.mar")
    archive.pack(folder / "fp32.onnx", "tiny-sentiment", "always-good", *parts)
    return folder / "good.mar"


@pytest.fixture
def golden(tmp_path):
    """A golden set that the tiny network of the tests knows, to be changed at will."""
    folder = tmp_path / "golden"
    shutil.copytree(Path(__file__).parent / "golden", folder)
    return folder


@dataclass(frozen=True)
class Result:
    """How a script ended: its exit code and what it wrote."""

    code: int
    out: str
    err: str


@pytest.fixture
def run_script(load_script, capsys):
    """Give the function that runs a script with arguments, in this process."""

    def run_it(name, *arguments):
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            command_line.run(load_script(name).main, [str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return Result(ended.value.code or 0, out, err)

    return run_it
