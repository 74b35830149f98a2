"""What a network makes of reviews just before it answers."""

from typing import NamedTuple

from torch import Tensor


class Features(NamedTuple):
    """`pooled` has shape (batch, width), `words` (batch, words, width) where words are read.

    `direct` are logits that need no further layer, shape (batch, classes).
    """

    pooled: Tensor
    words: Tensor | None = None
    direct: Tensor | None = None
