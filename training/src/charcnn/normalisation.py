"""Batch normalisation over all processes: Ioffe and Szegedy 2015, https://arxiv.org/abs/1502.03167.

torch's own is slow on processors when channels come last, as the convolutions here want them
(its backward pass took more than half of a step), and the one that talks to other processes is
for GPUs alone. This one is a few sums over rows, which the processes of a run add up.
"""

from typing import Any

import torch
from torch import Tensor, distributed, nn

PIECE = 1024
"""Rows."""


class BatchNorm(nn.BatchNorm2d):
    """Drop-in for `nn.BatchNorm2d`; input of shape (batch, channels, 1, columns)."""

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002  # torch's own name for it.
        """Return the normalised input, and keep running statistics while training."""
        alone = not (distributed.is_available() and distributed.is_initialized())
        if not self.training or (input.is_cuda and alone):
            plain: Tensor = super().forward(input)
            return plain
        rows = input.permute(0, 2, 3, 1)
        flat = rows.reshape(-1, self.num_features)
        normal, mean, variance, count = _Normalise.apply(flat, self.weight, self.bias, self.eps)
        self._remember(mean, variance * count / (count - 1))
        columns: Tensor = normal.view(rows.shape).permute(0, 3, 1, 2)
        return columns

    @torch.no_grad()
    def _remember(self, mean: Tensor, variance: Tensor) -> None:
        share = float(self.momentum or 0.0)
        self.get_buffer("running_mean").lerp_(mean, share)
        self.get_buffer("running_var").lerp_(variance, share)
        self.get_buffer("num_batches_tracked").add_(1)


class _Normalise(torch.autograd.Function):
    """Rows of shape (rows, channels) to normalised rows, mean, variance and number of rows.

    Statistics are in fp32 whatever the rows are in.
    """

    @staticmethod
    def forward(ctx: Any, rows: Tensor, weight: Tensor, bias: Tensor, eps: float) -> Any:  # noqa: ANN401  # As torch's base has it.
        sums = torch.stack([*_moments(rows, rows), torch.full_like(weight, len(rows))])
        _add_up(sums)
        mean, variance = sums[0] / sums[2], (sums[1] / sums[2] - (sums[0] / sums[2]) ** 2).clamp(0)
        inverse = (variance + eps).rsqrt()
        scale = weight * inverse
        ctx.save_for_backward(rows, weight, mean, inverse, sums[2])
        ctx.mark_non_differentiable(mean, variance, sums[2])
        normal = torch.addcmul((bias - mean * scale).to(rows), rows, scale.to(rows))
        return normal, mean, variance, sums[2]

    @staticmethod
    def backward(ctx: Any, gradient: Tensor, *_: Any) -> Any:  # noqa: ANN401  # As torch's base has it.
        rows, weight, mean, inverse, count = ctx.saved_tensors
        sums = torch.stack(_moments(gradient, rows))
        of_bias, of_weight = sums[0], (sums[1] - mean * sums[0]) * inverse
        whole = sums.clone()
        _add_up(whole)
        scale = weight * inverse
        slope = -scale * inverse**2 * (whole[1] - mean * whole[0]) / count
        offset = -scale * whole[0] / count - slope * mean
        of_rows = torch.addcmul(offset.to(rows), rows, slope.to(rows))
        return of_rows.addcmul_(gradient, scale.to(rows)), of_weight, of_bias, None


def _moments(left: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
    """Return the sums over rows of `left` and of `left * right`, in fp32."""
    first = left.new_zeros(left.shape[1], dtype=torch.float32)
    second = torch.zeros_like(first)
    # Piece by piece, so that the wider copies stay within the processor's cache.
    for piece, other in zip(torch.split(left, PIECE), torch.split(right, PIECE), strict=True):
        wide = piece.float()
        first += wide.sum(0)
        second += (wide * other).sum(0)
    return first, second


def _add_up(sums: Tensor) -> None:
    if distributed.is_available() and distributed.is_initialized():
        distributed.all_reduce(sums)
