"""Going on from an archive: its graph gives back the network that it was made of."""

import json
import zipfile

import numpy as np
import pytest
import torch

from charcnn.encoding import Reading
from charcnn.inference import Interface
from charcnn.network import configure
from trainer import archived_weights, config, run
from trainer.checkpoint import Trained
from trainer.errors import ConfigError, ModelError
from trainer.export import export
from trainer.models import CheckpointModel, open_archive

TEXTS = ["The parcel came late, but it is great.", "awful", "Not bad at all!", "NO!!! x y"]
READING = Reading(length=512, remove=("urls",))


@pytest.fixture(scope="module")
def trained():
    torch.manual_seed(0)
    sizes = configure("words", READING, 3)
    network = sizes.build()
    with torch.no_grad():
        # In a trained network, no two weights are the same; a graph would have them once.
        for weight in network.parameters():
            weight[1:] += torch.empty_like(weight[1:]).normal_(std=0.05)
    return Trained("words", network.eval(), Interface(READING, unit="words", step=sizes.step))


@pytest.fixture(scope="module")
def archives(trained, tmp_path_factory):
    folder = tmp_path_factory.mktemp("archives")
    graphs = export(trained, folder, TEXTS)
    return {"fp32": packed(graphs.fp32), "int8": packed(graphs.int8)}


def packed(graph):
    """Return the graph in an archive, with what is read of it."""
    archive = graph.with_suffix(".mar")
    manifest = {"model": {"serializedFile": graph.name, "modelVersion": "1"}}
    with zipfile.ZipFile(archive, "w") as content:
        content.writestr("MAR-INF/MANIFEST.json", json.dumps(manifest))
        content.write(graph, graph.name)
    return archive


def test_an_fp32_archive_gives_back_every_weight(archives, trained):
    loaded = archived_weights.load(archives["fp32"], "words")
    assert loaded.interface == trained.interface
    for name, weight in trained.network.state_dict().items():
        assert torch.equal(loaded.network.state_dict()[name], weight), name


def test_an_int8_archive_gives_back_what_it_answers_with(archives):
    loaded = archived_weights.load(archives["int8"], "words")
    answers = CheckpointModel(loaded, "loaded").probabilities(TEXTS)
    served = open_archive(archives["int8"]).probabilities(TEXTS)
    assert np.abs(answers - served).max() < 0.02


def test_an_int8_archive_gives_weights_that_are_off_by_a_step_at_most(archives, trained):
    found = archived_weights.load(archives["int8"], "words").network.state_dict()
    for name, weight in trained.network.state_dict().items():
        # Seven bits for a layer's weights, and eight for a table's: of each, half a step.
        step = weight.abs().max() / 63
        assert (found[name] - weight).abs().max() <= step / 2 + 1e-6, name


def test_a_run_starts_with_the_weights_of_an_archive(archives, trained):
    chosen = starting_from(archives["fp32"], length=READING.length, remove=READING.remove)
    begun = run.make_network(chosen)
    assert torch.equal(begun.network.to_classes.weight, trained.network.to_classes.weight)


def test_an_archive_that_reads_in_another_way_is_refused(archives):
    with pytest.raises(ConfigError, match="has another network or reads in another way"):
        run.make_network(starting_from(archives["int8"], length=300))


def starting_from(archive, **text):
    values = {"text": text, "network": {"network": "words", "start_from": str(archive)}}
    return config.make({"data": {"data": ("any.csv",)}, **values})


def test_an_archive_of_another_network_is_refused(small_mar, archives):
    with pytest.raises(ModelError, match="has another network than words: no "):
        archived_weights.load(small_mar, "words")
    with pytest.raises(ModelError, match="has another network than tiny: no "):
        archived_weights.load(archives["int8"], "tiny")


@pytest.mark.parametrize("content", [b"no archive", b""])
def test_what_is_no_archive_is_refused(tmp_path, content):
    path = tmp_path / "broken.mar"
    path.write_bytes(content)
    with pytest.raises(ModelError, match="is no archive that"):
        archived_weights.load(path, "words")
