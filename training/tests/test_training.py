import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

import charcnn
from charcnn.network import NETWORKS, CharCNN
from charcnn.scoring import LABELS, judge
from trainer import archive, checkpoint
from trainer.data import Reviews
from trainer.export import export
from trainer.loop import LoopConfig, encode_all, predict, train
from trainer.metrics import measure
from trainer.models import ModelError, open_model
from trainer.sampling import assemble, batches_of_like_length, draw_balanced

ROOM = Path(__file__).parent.parent
MODEL_SERVER = ROOM.parent / "services" / "model_server"
TINY = NETWORKS["tiny"]
WORDS = {
    0: ["awful", "broken", "rude"],
    1: ["okay", "so-so", "fine"],
    2: ["great", "lovely", "best"],
}


def make_reviews(count, seed, shuffled=False):
    random = np.random.default_rng(seed)
    labels = np.arange(count) % 3
    texts = [f"{random.choice(WORDS[label])} shop {random.integers(1000)}" for label in labels]
    told = random.permutation(labels) if shuffled else labels
    return Reviews(texts, told, np.zeros(count, dtype=int), texts, ["made.csv"] * count)


def run_training(folder, shuffled=False, epochs=6):
    training, validation = make_reviews(600, 1, shuffled), make_reviews(150, 2)
    torch.manual_seed(3)
    config = LoopConfig(epochs=epochs, epoch_size=600, batch_size=32, learning_rate=3e-3)
    return train(
        training,
        np.ones(len(training)),
        validation,
        CharCNN(TINY),
        config,
        folder,
        lambda _done, _total, _loss: None,
        lambda _epoch: None,
    )


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    return folder, run_training(folder)


def test_a_training_learns_what_there_is_to_learn(trained):
    assert trained[1].accuracy > 0.9


def test_a_training_on_shuffled_labels_learns_nothing(tmp_path):
    assert run_training(tmp_path, shuffled=True, epochs=2).accuracy < 0.6


def test_the_kept_weights_are_those_of_the_best_epoch(trained):
    folder, best = trained
    validation = make_reviews(150, 2)
    metrics = measure(validation.labels, predict(checkpoint.load(folder), validation.texts))
    assert metrics == best


def test_the_same_seed_gives_the_same_weights(tmp_path):
    run_training(tmp_path / "one", epochs=1)
    run_training(tmp_path / "two", epochs=1)
    one, two = (checkpoint.load(tmp_path / name).state_dict() for name in ("one", "two"))
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_classes_are_drawn_equally_often_and_rows_by_weight():
    labels = np.array([0] * 90 + [1] * 9 + [2])
    weights = np.ones(100)
    weights[0] = 1000
    rows = draw_balanced(labels, weights, 3000, np.random.default_rng(0))
    assert np.bincount(labels[rows]).tolist() == [1000, 1000, 1000]
    assert (rows == 0).sum() > 800


def test_every_drawn_row_is_in_exactly_one_batch_with_its_own_label():
    reviews = make_reviews(100, 5)
    encoded, rows = encode_all(reviews), np.arange(100)
    batches = batches_of_like_length(rows, encoded, 32, np.random.default_rng(0))
    assert sorted(row for batch in batches for row in batch) == rows.tolist()
    for rows, batch in zip(batches, assemble(batches, encoded, reviews.labels, TINY), strict=True):
        assert batch.labels.tolist() == reviews.labels[rows].tolist()
        first = encoded[rows[0]]
        assert batch.codes[0, : len(first)].tolist() == first.tolist()


@pytest.fixture(scope="module")
def graphs(trained, tmp_path_factory):
    network = checkpoint.load(trained[0])
    return network, export(network, tmp_path_factory.mktemp("graphs"), make_reviews(60, 7).texts)


@pytest.fixture(scope="module")
def mar(graphs, tmp_path_factory):
    target = tmp_path_factory.mktemp("store") / "sentiment.mar"
    parts = (MODEL_SERVER / "handler.py", MODEL_SERVER / "model-config.yaml")
    archive.pack(graphs[1].int8, "7.1", *parts, target=target)
    return target


def test_the_fp32_graph_answers_as_the_network(graphs):
    network, paths = graphs
    texts = make_reviews(40, 8).texts
    graph = archive.classify_all(archive.Classifier(paths.fp32), texts)
    np.testing.assert_allclose(graph, predict(network, texts), atol=1e-5)


def test_the_graph_has_no_normalisation_left(graphs):
    operators = {node.op_type for node in onnx.load(graphs[1].fp32).graph.node}
    assert "Conv" in operators
    assert "BatchNormalization" not in operators


def test_an_int8_answer_does_not_depend_on_its_batch(graphs):
    classifier = archive.Classifier(graphs[1].int8)
    texts = [*make_reviews(30, 9).texts, "x" * 3000, "é"]
    alone = np.concatenate([classifier.probabilities([text]) for text in texts])
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(len(texts))
        together = classifier.probabilities([texts[index] for index in order])
        np.testing.assert_allclose(together, alone[order], atol=1e-6)


def test_int8_is_refused_when_it_loses_too_much(graphs, tmp_path):
    paths = graphs[1]
    torch.manual_seed(1)
    spoiled = CharCNN(TINY)
    spoiled.train()(torch.randint(0, 70, (16, 1014)))
    other = export(spoiled, tmp_path, ["a"] * 8)
    mixed = archive.Precisions(fp32=paths.fp32, int8=other.int8)
    validation = make_reviews(150, 2)
    with pytest.raises(archive.ArchiveError, match="int8 loses"):
        archive.choose_precision(mixed, validation, "int8")
    assert archive.choose_precision(mixed, validation, "auto").precision == "fp32"


def test_int8_is_chosen_when_it_loses_nothing(graphs):
    fp32 = graphs[1].fp32
    equal = archive.Precisions(fp32=fp32, int8=fp32)
    assert archive.choose_precision(equal, make_reviews(150, 2), "auto").precision == "int8"


def test_int8_agrees_with_fp32_on_nearly_all_reviews(graphs):
    texts = make_reviews(600, 11).texts
    labels = [
        archive.classify_all(archive.Classifier(path), texts).argmax(axis=1)
        for path in (graphs[1].fp32, graphs[1].int8)
    ]
    assert (labels[0] == labels[1]).mean() > 0.95


def test_the_archive_holds_charcnn_byte_for_byte(mar):
    package = Path(charcnn.__file__).parent
    with zipfile.ZipFile(mar) as archived:
        names = {name for name in archived.namelist() if name.startswith("charcnn/")}
        assert names == {f"charcnn/{path.name}" for path in package.glob("*.py")}
        assert all(archived.read(n) == (package.parent / n).read_bytes() for n in names)
        assert archived.read("handler.py") == (MODEL_SERVER / "handler.py").read_bytes()


def test_an_archive_and_its_checkpoint_are_both_models(mar, trained):
    texts = ["great shop 12", "awful shop 34"]
    assert "7.1" in open_model(str(mar)).description
    labels = [judge(row).label for row in open_model(str(mar)).probabilities(texts)]
    assert labels == ["good", "bad"]
    assert "fp32" in open_model(str(trained[0])).description


def test_a_place_without_a_model_is_an_error(tmp_path):
    with pytest.raises(ModelError, match="neither an address"):
        open_model(str(tmp_path))


def run_script(name, *arguments, text=""):
    command = [sys.executable, ROOM / name, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, input=text, check=False)


def test_predict_prints_one_verdict_a_line(mar):
    result = run_script("predict.py", mar, text="great shop 12\n\nawful shop 34\n")
    verdicts = [json.loads(line) for line in result.stdout.splitlines()]
    assert [verdict["label"] for verdict in verdicts] == ["good", "bad"]
    assert set(verdicts[0]["probabilities"]) == set(LABELS)


@pytest.mark.parametrize(
    ("script", "arguments"),
    [
        ("predict.py", ["nowhere", "text"]),
        ("evaluate.py", ["nowhere", "--data", "nowhere.parquet"]),
        ("archive.py", ["nowhere", "--data", "x.csv", "--version", "1", "--out", "x.mar"]),
        ("train.py", ["--data", "nowhere.txt", "--out", "nowhere"]),
    ],
)
def test_a_mistake_is_one_readable_line(script, arguments):
    result = run_script(script, *arguments)
    assert result.returncode == 2
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1


def test_the_whole_way_from_a_csv_to_a_served_archive(tmp_path):
    reviews = make_reviews(900, 4)
    lines = [f"{text},{label}\n" for text, label in zip(reviews.texts, reviews.labels, strict=True)]
    data = tmp_path / "made.csv"
    data.write_text("text,rating_class\n" + "".join(lines))
    run, mar = tmp_path / "run", tmp_path / "store" / "sentiment.mar"
    options = ["--epochs", 1, "--epoch-size", 64, "--batch-size", 32, "--network", "tiny"]
    assert run_script("train.py", "--data", data, "--out", run, *options).returncode == 0
    archived = run_script("archive.py", run, "--data", data, "--version", "2", "--out", mar)
    assert archived.returncode == 0, archived.stderr
    card = json.loads(mar.with_suffix(".json").read_text())
    measured = run_script("evaluate.py", mar, "--data", data)
    shipped = card["metrics"][card["precision"]]
    assert f"accuracy {shipped['accuracy']:.4f}" in measured.stdout
    assert card["data_sha256"] in mar.with_suffix(".md").read_text()
