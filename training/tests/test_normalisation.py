import pytest
import torch
from torch import nn

from charcnn.normalisation import PIECE, BatchNorm


def results(norm, rows, weight):
    rows = rows.clone().requires_grad_()
    out = norm(rows)
    (out * weight).sum().backward()
    return out, rows.grad, norm.weight.grad, norm.bias.grad, norm.running_mean, norm.running_var


@pytest.mark.parametrize("columns", [1, 9, PIECE + 3])
def test_it_does_what_torchs_own_does_forwards_and_backwards(columns):
    torch.manual_seed(0)
    ours, torchs = BatchNorm(5, momentum=0.05), nn.BatchNorm2d(5, momentum=0.05)
    nn.init.normal_(ours.weight)
    nn.init.normal_(ours.bias)
    torchs.load_state_dict(ours.state_dict())
    rows = torch.randn(4, 5, 1, columns) * 3 + 2
    weight = torch.randn(4, 5, 1, columns)
    for one, other in zip(results(ours, rows, weight), results(torchs, rows, weight), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=2e-4)


def test_a_trained_one_answers_as_torchs_own():
    torch.manual_seed(0)
    ours = BatchNorm(3)
    ours(torch.randn(8, 3, 1, 4))
    torchs = nn.BatchNorm2d(3)
    torchs.load_state_dict(ours.state_dict())
    rows = torch.randn(2, 3, 1, 4)
    assert torch.equal(ours.eval()(rows), torchs.eval()(rows))


def test_rows_of_half_precision_are_summed_up_in_full():
    rows = torch.full((4, 2, 1, 1000), 1.0, dtype=torch.bfloat16)
    rows[0, :, 0, 0] = 3.0
    ours = BatchNorm(2, momentum=1.0)
    ours(rows)
    torch.testing.assert_close(ours.running_mean, torch.full((2,), 1 + 2 / 4000))
