import pytest
import torch

from trainer.config import OptimiserConfig
from trainer.optimisers import make_optimiser, rate_at, set_rate


def rates(config, steps=100, an_epoch=10):
    return [rate_at(config, step, steps, an_epoch) for step in range(steps)]


def test_a_constant_rate_is_constant():
    assert set(rates(OptimiserConfig(schedule="constant", learning_rate=0.5))) == {0.5}


def test_a_step_multiplies_the_rate_after_its_epochs():
    config = OptimiserConfig(schedule="step", step_epochs=2, step_factor=0.1, learning_rate=1.0)
    given = rates(config)
    assert given[0] == given[19] == 1.0
    assert given[20] == pytest.approx(0.1)
    assert given[99] == pytest.approx(1e-4)


def test_a_cycle_rises_and_falls_between_its_bounds():
    given = rates(OptimiserConfig(schedule="cyclical", step_epochs=2, learning_rate=1.0))
    assert given[0] == given[20] == pytest.approx(0.1)
    assert given[10] == max(given) == pytest.approx(1.0)


def test_cosine_rises_in_a_line_then_falls_to_nothing():
    given = rates(OptimiserConfig(schedule="cosine", warmup=0.2, learning_rate=1.0))
    assert given.index(max(given)) == 20
    assert given[20] == 1.0
    assert given[:21] == sorted(given[:21])
    assert given[20:] == sorted(given[20:], reverse=True)
    assert 0 < given[-1] < 0.01


@pytest.mark.parametrize("name", ["adamw", "adam", "sgd"])
def test_every_optimiser_steps_at_the_rate_that_was_set(name):
    layer = torch.nn.Linear(2, 2)
    optimiser = make_optimiser(OptimiserConfig(optimiser=name), layer)
    before = layer.weight.detach().clone()
    set_rate(optimiser, 0.0)
    layer(torch.ones(1, 2)).sum().backward()
    optimiser.step()
    assert torch.equal(before, layer.weight)
    set_rate(optimiser, 0.1)
    optimiser.step()
    assert not torch.equal(before, layer.weight)
