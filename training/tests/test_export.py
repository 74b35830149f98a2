from dataclasses import dataclass

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from charcnn.encoding import Reading, pad
from charcnn.inference import METADATA, Classifier, Interface, softmax, spread
from charcnn.network import configure
from charcnn.scoring import LABELS
from charcnn.word_network import WordConfig
from trainer.checkpoint import Trained
from trainer.export import export
from trainer.tables import quantise_rows

WORDS = ["parcel", "came", "late", "but", "it", "is", "great", "awful", "broken", "okay"]
READING = Reading(length=512, remove=("urls",))
ODD = ["", "é", "x" * 3000, "\ud800 lone", "NO!!!"]


def make_texts(count, seed):
    random = np.random.default_rng(seed)
    return [" ".join(random.choice(WORDS, random.integers(1, 60))) for _ in range(count)]


def untrained_reference(reading, classes):
    torch.manual_seed(0)
    network = configure("tiny", reading, classes).build()
    # A pass in training mode gives the normalisation its statistics.
    network.train()(torch.from_numpy(reading.encode(make_texts(16, 1))).int())
    return network.eval()


def untrained_words():
    torch.manual_seed(0)
    network = WordConfig(embedding=8, width=16, heads=2, layers=1, hidden=32, queries=2).build()
    with torch.no_grad():
        # As trained ones do, its linear branch tells words apart, and nothing from words.
        for table in (network.linear.words, network.linear.pairs):
            table.weight[1:].normal_(std=0.5)
    return network.eval()


def answers_of(trained, texts):
    rows = [trained.interface.encode_one(text) for text in texts]
    with torch.inference_mode():
        codes = torch.from_numpy(pad(rows, trained.interface.longest)).long()
        return softmax(trained.network(codes).numpy())


@dataclass(frozen=True)
class Case:
    trained: Trained
    graphs: object


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    interface = Interface(READING, unit="words", step=WordConfig.step)
    return exported(untrained_words(), interface, tmp_path_factory)


@pytest.fixture(scope="module", params=["three classes", "two classes", "words"])
def case(request, tmp_path_factory):
    if request.param == "words":
        return request.getfixturevalue("words")
    labels = LABELS if request.param == "three classes" else ("bad", "good")
    network = untrained_reference(READING, len(labels))
    return exported(network, Interface(READING, labels), tmp_path_factory)


def exported(network, interface, tmp_path_factory):
    trained = Trained("any", network, interface)
    return Case(trained, export(trained, tmp_path_factory.mktemp("graphs"), make_texts(40, 2)))


def test_the_fp32_graph_answers_as_the_network(case):
    texts = [*make_texts(20, 3), *ODD]
    expected = spread(answers_of(case.trained, texts), case.trained.interface.labels)
    answers = Classifier(case.graphs.fp32).probabilities(texts)
    np.testing.assert_allclose(answers, expected, atol=1e-5)


def test_both_graphs_carry_the_interface(case):
    for graph in (case.graphs.fp32, case.graphs.int8):
        assert Classifier(graph).interface == case.trained.interface
        assert METADATA in {entry.key for entry in onnx.load(graph).metadata_props}


@pytest.mark.parametrize("precision", ["int8", "fp32"])
def test_an_answer_does_not_depend_on_its_batch(case, precision):
    classifier = Classifier(getattr(case.graphs, precision))
    texts = [*make_texts(30, 4), *ODD]
    alone = np.concatenate([classifier.probabilities([text]) for text in texts])
    np.testing.assert_allclose(classifier.probabilities(texts), alone, atol=1e-6)


def test_int8_answers_nearly_as_fp32(case):
    texts = make_texts(200, 5)
    int8, fp32 = (
        Classifier(graph).probabilities(texts) for graph in (case.graphs.int8, case.graphs.fp32)
    )
    assert np.abs(int8 - fp32).max() < 0.05
    assert np.abs(int8 - fp32).mean() < 0.005


def test_all_that_has_weights_is_computed_in_int8(case):
    graph = onnx.load(case.graphs.int8).graph
    made_by = {name: node.op_type for node in graph.node for name in node.output}
    heavy = [node for node in graph.node if node.op_type in ("Conv", "Gemm", "MatMul")]
    kinds = [[made_by.get(name, "weights") for name in node.input[:2]] for node in heavy]
    assert ["DequantizeLinear"] * 2 in kinds
    assert not [kind for kind in kinds if "weights" in kind]


def test_no_batch_normalisation_is_left_in_the_graph(case):
    operators = {node.op_type for node in onnx.load(case.graphs.fp32).graph.node}
    assert operators & {"Conv", "MatMul"}
    assert "BatchNormalization" not in operators


def test_a_graph_in_steps_takes_only_what_there_is_of_a_review(words):
    row = words.trained.interface.encode_one("short and good")
    for graph in (words.graphs.fp32, words.graphs.int8):
        classifier = Classifier(graph)
        whole = classifier.logits(pad([row], words.trained.interface.longest))
        for length in (8, 24, 128):
            np.testing.assert_allclose(classifier.logits(pad([row], length)), whole, atol=1e-5)


def test_a_big_table_takes_a_byte_an_element_and_two_a_row(words):
    tables = [one for one in words.trained.network.modules() if isinstance(one, nn.Embedding)]
    stored = sum(one.num_embeddings * (one.embedding_dim + 2) for one in tables)
    fp32, int8 = (path.stat().st_size for path in (words.graphs.fp32, words.graphs.int8))
    others = fp32 - 4 * sum(one.weight.numel() for one in tables)
    assert stored < int8 < stored + others
    kinds = {one.name: one.data_type for one in onnx.load(words.graphs.int8).graph.initializer}
    assert kinds["embedder.words.weight.int8"] == onnx.TensorProto.INT8
    assert "embedder.words.weight" not in kinds


@pytest.mark.parametrize("shape", [(50, 8), (50, 2, 3)])
def test_rows_of_a_table_are_kept_to_a_part_of_their_own_largest_value(shape):
    random = np.random.default_rng(0)
    table = random.normal(size=shape).astype(np.float32)
    table *= 10.0 ** random.integers(-4, 3, (50, *[1] * (len(shape) - 1)))
    table[7] = 0
    rows, scales = quantise_rows(table)
    axes = tuple(range(1, len(shape)))
    error = np.abs(rows * scales.astype(np.float32) - table).max(axis=axes)
    assert (error <= np.abs(table).max(axis=axes) / 127 * 0.501 + 6e-8).all()
    assert not rows[7].any()
