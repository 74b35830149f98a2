"""A network in training: with the heads that are thrown away when it has learnt.

One tells the stars apart, which says more than three classes do; one must guess the states of a
teacher's words.
"""

from typing import NamedTuple

from torch import Tensor, nn

from charcnn.network import Network

STARS = 5


class Outputs(NamedTuple):
    """Logits of the classes, and of what else is learnt: (batch, 5) and (batch, words, width)."""

    logits: Tensor
    stars: Tensor | None
    states: Tensor | None


class Student(nn.Module):
    """`stars`: with a head for stars; `states`: the width of the teacher's states, or 0."""

    def __init__(self, network: Network, *, stars: bool, states: int) -> None:
        super().__init__()
        self.network = network
        sizes = network.config
        self.to_stars = nn.Linear(sizes.pooled, STARS) if stars else None
        self.to_states = nn.LazyLinear(states) if states else None

    def forward(self, codes: Tensor) -> Outputs:
        """Return everything that the loss looks at."""
        features = self.network.read(codes)
        return Outputs(
            self.network.answer(features).float(),
            self.to_stars(features.pooled).float() if self.to_stars else None,
            self.to_states(features.words).float() if self.to_states else None,
        )
