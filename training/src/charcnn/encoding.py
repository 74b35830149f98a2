"""Text to codes: a table look-up for all characters of a review at once.

A review is lower-cased, stripped and reversed, so that its end, where people say
what they make of it, is always within the characters kept.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from charcnn.alphabet import ALPHABET, BLANK

Codes = NDArray[np.uint8]

Units = NDArray[np.integer[Any]]
"""A text as a network takes it: codes of characters, or rows of hashed words."""

Removable = Literal["urls", "mentions", "hashtags"]

PATTERNS: dict[Removable, re.Pattern[str]] = {
    "urls": re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE),
    "mentions": re.compile(r"(?<!\w)@\w+"),
    "hashtags": re.compile(r"(?<!\w)#\w+"),
}
"""What may be taken out of a text, in the order it is taken out: addresses hold # and @ too."""


@dataclass(frozen=True)
class Reading:
    """How a text becomes codes. Saved with every model, since it must be read as it was trained."""

    length: int = 1014
    """How many characters are read, from the text's end (Zhang et al. 2015)."""
    alphabet: str = ALPHABET
    """The characters there are codes for, at most 255; all others are blank."""
    lower: bool = True
    remove: tuple[Removable, ...] = ()

    @property
    def codes(self) -> int:
        """How many codes there are: the blank, then one for each character."""
        return len(self.alphabet) + 1

    def normalise(self, text: str) -> str:
        """Return the characters of `text` that are read, in the order they are read."""
        for name, pattern in PATTERNS.items():
            if name in self.remove:
                text = pattern.sub(" ", text)
        return (text.lower() if self.lower else text).strip()[::-1][: self.length]

    def encode_one(self, text: str) -> Codes:
        """Return the codes of `text`, as many as it has characters to read."""
        raw = self.normalise(text).encode("utf-32-le", errors="surrogatepass")
        points = np.frombuffer(raw, dtype=np.uint32)
        table = _table(self.alphabet)
        return table[np.minimum(points, len(table) - 1)]

    def encode(self, texts: Sequence[str], length: int | None = None) -> Units:
        """Return the codes of `texts`, shape (len(texts), length), blank behind each text."""
        if not texts:
            return np.empty((0, length or self.length), dtype=np.uint8)
        return pad([self.encode_one(text) for text in texts], length or self.length)


@lru_cache(maxsize=8)
def _table(alphabet: str) -> Codes:
    """Return the code of every code point, up to one behind the alphabet's last."""
    table = np.full(max(map(ord, alphabet)) + 2, BLANK, dtype=np.uint8)
    table[[ord(character) for character in alphabet]] = np.arange(1, len(alphabet) + 1)
    return table


def pad(rows: Sequence[Units], length: int) -> Units:
    """Return `rows`, at least one, as one array (len(rows), length, ...), blank behind each."""
    batch: Units = np.full((len(rows), length, *rows[0].shape[1:]), BLANK, dtype=rows[0].dtype)
    for target, row in zip(batch, rows, strict=True):
        target[: len(row)] = row[:length]
    return batch
