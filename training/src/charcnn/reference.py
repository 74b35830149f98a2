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

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from charcnn.alphabet import ALPHABET
from charcnn.encoding import Reading
from charcnn.features import Features
from charcnn.normalisation import BatchNorm


@dataclass(frozen=True)
class ReferenceConfig:
    """The sizes of the network: `kernels` and `pools` have an entry for each convolution."""

    channels: int = 256
    kernels: tuple[int, ...] = (7, 7, 3, 3, 3, 3)
    pools: tuple[int, ...] = (3, 3, 1, 1, 1, 3)
    dense: int = 1024
    classes: int = 3
    dropout: float = 0.5
    length: int = Reading.length
    codes: int = len(ALPHABET) + 1

    unit: ClassVar[Literal["characters", "words"]] = "characters"
    step: ClassVar[int] = 0
    """The graph always takes texts of full length."""

    @property
    def pooled(self) -> int:
        """The width of what the last layer sees."""
        return self.dense

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

    def adapted(self, reading: Reading, classes: int, dropout: float) -> "ReferenceConfig":
        """Return the sizes for a way of reading and a number of classes."""
        return replace(
            self, length=reading.length, codes=reading.codes, classes=classes, dropout=dropout
        )

    def build(self) -> "CharCNN":
        """Return a network of these sizes with fresh weights."""
        return CharCNN(self)

    def needed(self, characters: int) -> int:
        """How many characters to give, so that the last column is blank or the very last one."""
        columns = min(-(-characters // self.stride) + 1, self.columns)
        return self.receptive_field + (columns - 1) * self.stride


class CharCNN(nn.Module):
    """Codes of shape (batch, characters) to logits of shape (batch, classes)."""

    def __init__(self, config: ReferenceConfig | None = None) -> None:
        super().__init__()
        self.config = config or ReferenceConfig()
        self.convolutions = _convolutions(self.config)
        self.classifier = _classifier(self.config)
        one_hot = torch.eye(self.config.codes)[:, 1:].contiguous()
        self.register_buffer("one_hot", one_hot, persistent=False)
        self.apply(_initialise)
        # A quiet last layer: all classes start out equally likely, for every review.
        nn.init.normal_(self.classifier.get_parameter("6.weight"), std=0.01)

    def forward(self, codes: Tensor) -> Tensor:
        """Return logits; `codes` may stop at `config.needed(...)` of the longest text."""
        return self.answer(self.read(codes))

    def answer(self, features: Features) -> Tensor:
        """Return the logits that follow from what was read."""
        logits: Tensor = self.classifier[-1](features.pooled)
        return logits

    def read(self, codes: Tensor) -> Features:
        """Return what the last layer sees."""
        characters = functional.embedding(codes, self.get_buffer("one_hot"))
        # Of shape (batch, channels, 1, columns) with the channels last in memory.
        columns = self.convolutions(characters.unsqueeze(1).permute(0, 3, 1, 2))
        missing = self.config.columns - columns.shape[3]
        if missing:
            columns = torch.cat([columns, columns[..., -1:].expand(-1, -1, -1, missing)], dim=3)
        return Features(self.classifier[:-1](columns.flatten(1)))


def _convolutions(config: ReferenceConfig) -> nn.Sequential:
    layers: list[nn.Module] = []
    width = config.codes - 1
    for kernel, pool in zip(config.kernels, config.pools, strict=True):
        convolution = nn.Conv2d(width, config.channels, (1, kernel), bias=False)
        layers += [convolution, BatchNorm(config.channels, momentum=0.05)]
        if pool > 1:
            layers.append(nn.MaxPool2d((1, pool)))
        # Behind the pool there is less to do, and the result is the same.
        layers.append(nn.ReLU())
        width = config.channels
    # The faster layout for the processor's kernels: with it a step takes two thirds of the time.
    return nn.Sequential(*layers).to(memory_format=torch.channels_last)


def _classifier(config: ReferenceConfig) -> nn.Sequential:
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
    if isinstance(module, nn.Conv2d):
        nn.init.normal_(module.weight, std=0.05)
    if isinstance(module, nn.Linear):
        nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        nn.init.zeros_(module.bias)
