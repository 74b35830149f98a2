"""Which texts are equal or nearly equal, in time and memory that grow with their number only.

A text is its words in small letters, without what is between them. Two are nearly equal when they
share at least 80 % of their pairs of neighbouring words (Jaccard). Candidates are found by MinHash
(Broder 1997): the smallest hashes of two sets of pairs are equal with the probability of that
share. Texts that agree in a band of four smallest hashes are compared in truth, others never;
twelve bands find 99.8 % of what shares 80 %.
"""

import hashlib
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from trainer.data.components import Rows, join, join_equal
from trainer.data.corpus import ENCODING, Texts

WORD = re.compile(r"[^\W_]+")
END = ""
"""Follows the last word, so that a single word makes a pair, too."""

NEAR = 0.8
BANDS, HASHES_A_BAND = 12, 4
PIECE_BYTES = 2**18
"""Texts are taken in pieces of about this size, whose numbers stay in the processor's cache."""

Hashes = NDArray[np.uint64]


@dataclass(frozen=True)
class Fingerprints:
    """`equal` of shape (rows,) is the same for equal texts; `bands` has shape (`BANDS`, rows)."""

    equal: Hashes
    bands: NDArray[np.uint32]


def fingerprints(texts: Texts, sizes: NDArray[np.int64], *, near: bool) -> Fingerprints:
    """Return the fingerprints of all texts; there are no bands unless nearness matters."""
    equal = np.empty(len(texts), np.uint64)
    bands = np.empty((BANDS if near else 0, len(texts)), np.uint32)
    for piece in _pieces(sizes):
        words = [_words(text) for text in texts[piece]]
        equal[piece] = [_equal(one) for one in words]
        if near:
            bands[:, piece] = _bands(words)
    return Fingerprints(equal, bands)


def join_duplicates(first: Rows, prints: Fingerprints, texts: Texts) -> Rows:
    """Return the components once equal and nearly equal texts belong together."""
    first = join_equal(first, prints.equal, np.arange(len(texts)))
    for index, band in enumerate(prints.bands):
        left, right = _candidates(prints.equal, band, prints.bands[index - 1])
        new = first[left] != first[right]
        left, right = left[new], right[new]
        pairs = zip(left.tolist(), right.tolist(), strict=True)
        near = np.fromiter((_near(texts[one], texts[other]) for one, other in pairs), bool)
        first = join(first, left[near], right[near])
    return first


def mixed(hashes: Hashes) -> Hashes:
    """Return other hashes, one for each, whose order has nothing to do with the old one."""
    odd = _odd_numbers()[-1]
    other: Hashes = hashes * odd[0]
    other ^= other >> np.uint64(32)
    other *= odd[1]
    other ^= other >> np.uint64(29)
    return other


def _pieces(sizes: NDArray[np.int64]) -> Iterator[slice]:
    edges = np.flatnonzero(np.diff(np.cumsum(sizes) // PIECE_BYTES)) + 1
    yield from (slice(*edge) for edge in pairwise([0, *edges.tolist(), len(sizes)]))


def _words(text: str) -> list[str]:
    """Return the words of `text`, or what it has instead."""
    return WORD.findall(text.lower()) or [text.strip()]


def _equal(words: Sequence[str]) -> int:
    raw = "".join(words).encode(*ENCODING)
    return int.from_bytes(hashlib.blake2b(raw, digest_size=8).digest(), "big")


def _bands(texts: Sequence[Sequence[str]]) -> NDArray[np.uint32]:
    """Return the bands of texts of words, of shape (`BANDS`, texts)."""
    counts = np.array([len(words) for words in texts])
    pairs, starts = _pairs(texts, counts), np.cumsum(counts) - counts
    bands = np.empty((BANDS, len(texts)), np.uint32)
    *factors, weights = _odd_numbers()[:-1]
    for band, odd in zip(bands, factors, strict=True):
        smallest = [np.minimum.reduceat(pairs * one, starts) for one in odd]
        both = zip(smallest, weights, strict=True)
        total = sum((one >> np.uint64(32)) * weight for one, weight in both)
        band[:] = total >> np.uint64(32)
    return bands


def _pairs(texts: Sequence[Sequence[str]], counts: NDArray[np.int64]) -> Hashes:
    """Return a hash for each word with the one after it: as many as there are words."""
    words = [word for words in texts for word in (*words, END)]
    numbers = {word: zlib.crc32(word.encode(*ENCODING)) for word in set(words)}
    flat = np.array([numbers[word] for word in words], np.uint64)
    odd = _odd_numbers()[-1]
    pairs = mixed(flat[:-1] * odd[2] + flat[1:] * odd[3])
    # What begins with the end of a text goes over into the next one.
    return np.delete(pairs, np.cumsum(counts + 1)[:-1] - 1)


@cache
def _odd_numbers() -> Hashes:
    """Return factors, equal everywhere and always: a row for each band and two more."""
    raw = np.random.PCG64(1997).random_raw((BANDS + 2) * HASHES_A_BAND)
    return (np.asarray(raw, np.uint64) | np.uint64(1)).reshape(-1, HASHES_A_BAND)


def _candidates(
    equal: Hashes, band: NDArray[np.uint32], other: NDArray[np.uint32]
) -> tuple[Rows, Rows]:
    """Return the rows that agree in a band, each with the next of them.

    Those that agree in the other band as well come next to each other, and all else is by
    the texts themselves, so that the order of the rows has no say.
    """
    order = np.lexsort((equal, other, band))
    same = np.flatnonzero(band[order[1:]] == band[order[:-1]])
    return order[same], order[same + 1]


def _near(one: str, other: str) -> bool:
    """Return whether two texts share `NEAR` of their pairs of words."""
    pairs, others = (set(pairwise([*_words(text), END])) for text in (one, other))
    shared = len(pairs & others)
    return shared >= NEAR * (len(pairs) + len(others) - shared)
