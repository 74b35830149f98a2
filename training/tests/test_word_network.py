import numpy as np
import pytest
import torch

from charcnn.encoding import Reading, pad
from charcnn.inference import Interface
from charcnn.network import configure
from charcnn.word_network import WordConfig

TEXTS = ["Great shop!", "", "It took weeks, nobody answered. " * 30, "ok", "не работает 🙂"]
SMALL = WordConfig(buckets=65_536, embedding=8, width=16, heads=2, layers=2, hidden=16)
INTERFACE = Interface(unit="words", step=8)


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    network = SMALL.build().eval()
    tables = [one for one in network.modules() if isinstance(one, torch.nn.Embedding)]
    with torch.no_grad():
        for parameter in network.parameters():
            torch.nn.init.normal_(parameter, std=0.3)
        # Row 0 stands for nothing, and training never changes it.
        for table in tables:
            table.weight[0] = 0
    return network


def answers(network, texts, length):
    rows = pad([INTERFACE.encode_one(text) for text in texts], length)
    with torch.inference_mode():
        return network(torch.from_numpy(rows)).numpy()


def test_an_answer_does_not_depend_on_the_padding_or_the_batch(network):
    together = answers(network, TEXTS, INTERFACE.longest)
    for text, expected in zip(TEXTS, together, strict=True):
        length = INTERFACE.padded(len(INTERFACE.encode_one(text)))
        assert length <= INTERFACE.longest
        np.testing.assert_allclose(answers(network, [text], length)[0], expected, atol=1e-5)


def test_different_reviews_have_different_answers(network):
    assert len({tuple(row) for row in answers(network, TEXTS, 256).round(4)}) == len(TEXTS)


def test_words_are_forgotten_in_training_alone(network):
    rows = torch.from_numpy(pad([INTERFACE.encode_one(TEXTS[2])], 256))
    torch.manual_seed(1)
    with torch.no_grad():
        network.train()
        one, other = network(rows), network(rows)
        network.eval()
        assert torch.equal(network(rows), network(rows))
    assert not torch.equal(one, other)


def test_the_best_network_has_the_sizes_that_fit_its_archive():
    network = configure("words", Reading(), 3).build()
    parameters = sum(parameter.numel() for parameter in network.parameters())
    assert parameters < 14e6
    assert network.config.unit == INTERFACE.unit
