"""The small network of Zhang, Zhao and LeCun (2015), https://arxiv.org/abs/1509.01626.

Six convolutions without padding, three pools, three dense layers. Reviews are
mostly shorter than the 1014 characters the network reads; all that lies behind a
review's end is blank, and the convolutions answer blanks with one constant column.
`forward` repeats that column and so needs only the characters there are: the
result is the same, at about half the work.

Each convolution is batch-normalised, which the paper's are not: without it, our
trainings stayed at chance for several epochs. The exported graph has it folded
into the convolutions' weights and is exactly the paper's network.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from charcnn.alphabet import CODES
from charcnn.encoding import LENGTH


@dataclass(frozen=True)
class NetworkConfig:
    """The sizes of the network: `kernels` and `pools` have an entry for each convolution."""

    channels: int = 256
    kernels: tuple[int, ...] = (7, 7, 3, 3, 3, 3)
    pools: tuple[int, ...] = (3, 3, 1, 1, 1, 3)
    dense: int = 1024
    classes: int = 3
    dropout: float = 0.5
    length: int = LENGTH

    @property
    def stride(self) -> int:
        """How many characters lie between two columns of the last convolution."""
        stride = 1
        for pool in self.pools:
            stride *= pool
        return stride

    @property
    def receptive_field(self) -> int:
        """How many characters one column of the last convolution sees."""
        field, stride = 1, 1
        for kernel, pool in zip(self.kernels, self.pools, strict=True):
            field += (kernel + pool - 2) * stride
            stride *= pool
        return field

    @property
    def columns(self) -> int:
        """How many columns the last convolution has for a text of full length."""
        return (self.length - self.receptive_field) // self.stride + 1

    def needed(self, characters: int) -> int:
        """How many characters to give, so that the last column is blank or the very last one."""
        columns = min(-(-characters // self.stride) + 1, self.columns)
        return self.receptive_field + (columns - 1) * self.stride


NETWORKS = {
    "reference": NetworkConfig(),
    "tiny": NetworkConfig(channels=24, dense=32, dropout=0.1),
}
"""Networks by name: the paper's small one, and one that a test trains in seconds."""


class CharCNN(nn.Module):
    """Codes of shape (batch, characters) to logits of shape (batch, classes)."""

    def __init__(self, config: NetworkConfig | None = None) -> None:
        super().__init__()
        self.config = config or NetworkConfig()
        self.convolutions = _convolutions(self.config)
        self.classifier = _classifier(self.config)
        self.register_buffer("one_hot", torch.eye(CODES)[:, 1:].contiguous(), persistent=False)
        self.apply(_initialise)
        # A quiet last layer: all classes start out equally likely, for every review.
        nn.init.normal_(self.classifier.get_parameter("6.weight"), std=0.01)

    def forward(self, codes: Tensor) -> Tensor:
        """Return logits; `codes` may stop at `config.needed(...)` of the longest text."""
        characters = functional.embedding(codes, self.get_buffer("one_hot")).transpose(1, 2)
        columns = self.convolutions(characters)
        missing = self.config.columns - columns.shape[2]
        if missing:
            columns = torch.cat([columns, columns[:, :, -1:].expand(-1, -1, missing)], dim=2)
        logits: Tensor = self.classifier(columns.flatten(1))
        return logits


def _convolutions(config: NetworkConfig) -> nn.Sequential:
    layers: list[nn.Module] = []
    width = CODES - 1
    for kernel, pool in zip(config.kernels, config.pools, strict=True):
        convolution = nn.Conv1d(width, config.channels, kernel, bias=False)
        layers += [convolution, nn.BatchNorm1d(config.channels, momentum=0.05), nn.ReLU()]
        if pool > 1:
            layers.append(nn.MaxPool1d(pool))
        width = config.channels
    return nn.Sequential(*layers)


def _classifier(config: NetworkConfig) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(config.columns * config.channels, config.dense),
        nn.ReLU(),
        nn.Dropout(config.dropout),
        nn.Linear(config.dense, config.dense),
        nn.ReLU(),
        nn.Dropout(config.dropout),
        nn.Linear(config.dense, config.classes),
    )


def _initialise(module: nn.Module) -> None:
    """Draw convolutions from N(0, 0.05) as the paper does, dense layers after He et al. 2015.

    With N(0, 0.05) the first dense layer, which sums 8,704 normalised inputs, starts
    so loud that a whole epoch goes by at chance; https://arxiv.org/abs/1502.01852.
    """
    if isinstance(module, nn.Conv1d):
        nn.init.normal_(module.weight, std=0.05)
    if isinstance(module, nn.Linear):
        nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        nn.init.zeros_(module.bias)
