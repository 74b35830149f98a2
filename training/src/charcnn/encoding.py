"""Text to codes: a table look-up for all characters of a batch at once.

A review is lower-cased, stripped and reversed, so that its end, where people say
what they make of it, is always within the characters kept.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from charcnn.alphabet import ALPHABET, BLANK

LENGTH = 1014
"""How many characters the network reads (Zhang et al. 2015)."""

Codes = NDArray[np.uint8]


def _code_table() -> Codes:
    table = np.full(128, BLANK, dtype=np.uint8)
    table[[ord(character) for character in ALPHABET]] = np.arange(1, len(ALPHABET) + 1)
    return table


TABLE = _code_table()


def normalise(text: str) -> str:
    """Return the characters of `text` that are read, in the order they are read."""
    return text.lower().strip()[::-1][:LENGTH]


def encode_one(text: str) -> Codes:
    """Return the codes of `text`, as many as it has characters to read (at most `LENGTH`)."""
    raw = normalise(text).encode("utf-32-le", errors="surrogatepass")
    points = np.frombuffer(raw, dtype=np.uint32)
    return np.where(points < len(TABLE), TABLE[points % len(TABLE)], BLANK).astype(np.uint8)


def pad(rows: Sequence[Codes], length: int = LENGTH) -> Codes:
    """Return `rows` as one array of shape (len(rows), length), blank to the right."""
    batch = np.full((len(rows), length), BLANK, dtype=np.uint8)
    for target, row in zip(batch, rows, strict=True):
        target[: len(row)] = row[:length]
    return batch


def encode(texts: Sequence[str]) -> Codes:
    """Return the codes of `texts`, shape (len(texts), LENGTH)."""
    return pad([encode_one(text) for text in texts])
