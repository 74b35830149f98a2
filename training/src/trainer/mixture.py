"""Answers for another mixture of classes than the one that was learnt.

A network that saw every class equally often takes them for equally common. Where they are not, each
probability is multiplied by how common its class is; for logits that is adding the logarithm.

M. Saerens, P. Latinne and C. Decaestecker, "Adjusting the outputs of a classifier to new a priori
probabilities: a simple procedure" (2002), https://doi.org/10.1162/089976602753284446.
"""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Annotated

import numpy as np
import torch
import typer
from numpy.typing import NDArray
from torch import nn

from charcnn.inference import Probabilities
from charcnn.scoring import LABELS
from trainer.checkpoint import Trained
from trainer.config import LossConfig
from trainer.errors import ConfigError

Shares = NDArray[np.float64]
"""How common the classes are, of shape (3,) in the order of `LABELS`; they add up to 1."""

Option = Annotated[
    list[float] | None,
    typer.Option(
        "--mixture",
        help=f"How common {', '.join(LABELS)} are where it answers, one after the other; else "
        "each as common as the others. Repeatable.",
    ),
]


def shares_of(given: Sequence[float] | None) -> Shares | None:
    """Return the shares from what was given in any unit, or None where nothing was.

    Raises:
        ConfigError: there is not a positive number for each class.
    """
    if not given:
        return None
    shares: Shares = np.array(given, np.float64)
    if len(shares) != len(LABELS) or not (np.isfinite(shares) & (shares > 0)).all():
        names = ", ".join(LABELS)
        raise ConfigError(f"--mixture is given once for each of {names}, with numbers above 0")
    shares /= shares.sum()
    return shares


def in_words(shares: Shares) -> str:
    """Return the shares for people."""
    return ", ".join(f"{name} {share:.1%}" for name, share in zip(LABELS, shares, strict=True))


def noted(shares: Shares | None) -> str:
    """Return what to add to a line that says what was measured."""
    return "" if shares is None else f", expecting {in_words(shares)}"


def typed(shares: Shares | None) -> list[str]:
    """Return the option as a command's words."""
    given = () if shares is None else shares.tolist()
    return [word for share in given for word in ("--mixture", f"{share:.4g}")]


def adjust(probabilities: Probabilities, shares: Shares | None) -> Probabilities:
    """Return probabilities (reviews, 3) of balanced classes as those of such a mixture."""
    if shares is None:
        return probabilities
    weighted = probabilities * shares
    adjusted: Probabilities = weighted / weighted.sum(axis=1, keepdims=True)
    return adjusted


def told(trained: Trained, shares: Shares | None, learnt: LossConfig) -> Trained:
    """Return the network with the mixture in its last bias, so that its answers expect it.

    Raises:
        ConfigError: it has learnt a mixture already, that of its own reviews.
    """
    if shares is None:
        return trained
    if not learnt.balanced_sampler and learnt.class_weights != "balanced":
        raise ConfigError("--mixture is for a run that drew every class equally often")
    network = deepcopy(trained.network)
    last = [part for part in network.modules() if isinstance(part, nn.Linear)][-1]
    own = shares[[LABELS.index(label) for label in trained.interface.labels]]
    with torch.no_grad():
        last.bias.add_(torch.from_numpy(np.log(own) - np.log(own).mean()))
    return replace(trained, network=network)
