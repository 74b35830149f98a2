import pytest
import torch

from charcnn.alphabet import ALPHABET
from charcnn.encoding import Reading
from charcnn.network import NETWORKS, configure
from charcnn.reference import CharCNN, ReferenceConfig

TINY = NETWORKS["tiny"]
READING = Reading()
LENGTH = READING.length


@pytest.fixture
def network():
    torch.manual_seed(0)
    network = TINY.build()
    # A pass in training mode gives the normalisation its statistics.
    network.train()(torch.randint(0, 70, (16, LENGTH)))
    return network.eval()


def test_the_reference_network_has_the_sizes_of_the_paper():
    config = ReferenceConfig()
    assert (config.columns, config.stride, config.receptive_field) == (34, 27, 123)
    dense = [layer for layer in CharCNN().classifier if isinstance(layer, torch.nn.Linear)]
    assert [layer.in_features for layer in dense] == [34 * 256, 1024, 1024]


@pytest.mark.parametrize("characters", [0, 1, 26, 27, 28, 300, 1000, LENGTH])
def test_only_the_characters_there_are_must_be_given(network, characters):
    codes = torch.from_numpy(READING.encode(["g" * characters]))
    with torch.inference_mode():
        whole = network(codes.int())
        short = network(codes[:, : TINY.needed(characters)].int())
    torch.testing.assert_close(short, whole)


def test_more_characters_than_needed_change_nothing_else(network):
    codes = torch.from_numpy(READING.encode(["good"])).int()
    with torch.inference_mode():
        torch.testing.assert_close(network(codes[:, :500]), network(codes))


def test_convolutions_start_from_the_normal_distribution_of_the_paper():
    torch.manual_seed(0)
    weight = CharCNN().convolutions[0].weight
    assert weight.mean().abs() < 0.001
    assert weight.std().item() == pytest.approx(0.05, rel=0.02)


def test_a_network_is_sized_after_the_way_of_reading_and_the_classes():
    reading = Reading(length=300, alphabet=ALPHABET + "é")
    config = configure("tiny", reading, classes=2)
    assert (config.length, config.codes, config.classes, config.channels) == (300, 71, 2, 24)
    assert config.dropout == TINY.dropout
    assert configure("tiny", reading, 2, dropout=0.0).dropout == 0.0
    codes = torch.from_numpy(reading.encode(["é" * 300, "a"])).int()
    assert config.build().eval()(codes).shape == (2, 2)
