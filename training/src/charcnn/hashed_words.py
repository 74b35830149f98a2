"""A text's characters to hashed words: one row of numbers for each word.

A row holds the hash of the word, of the word with the one before it, and of the
word's character 3- and 4-grams (its edges marked). Nothing is looked up: the same
characters give the same numbers everywhere, and 0 means "nothing here". Hashing
instead of a vocabulary as in Joulin et al. 2016, https://arxiv.org/abs/1607.01759.
"""

import numpy as np
from numpy.typing import NDArray

WORDS = 256
"""How many words are read: a text's last ones."""

GRAMS = 16
"""How many character n-grams of a word are read: its first ones, short ones before long ones."""

COLUMNS = 2 + GRAMS
BUCKETS = 1 << 16

Features = NDArray[np.int32]
Numbers = NDArray[np.uint32]

STRAIGHT_QUOTES = str.maketrans("\u2018\u2019\u201c\u201d", "''\"\"")
LAST_ASCII, NO_BREAK_SPACE, FIRST_SYMBOL = 0x7F, 0xA0, 0x2000
_FACTOR = np.uint32(0x01000193)
_OPEN, _CLOSE = 1, 2
_GRAM_SIZES = (3, 4)


def hash_words(characters: str) -> Features:
    """Return the words of `characters` as numbers, shape (words, COLUMNS); at least one row."""
    owners = words_of(characters)
    points, owners = _points(characters)[owners >= 0], owners[owners >= 0]
    if not len(points):
        return np.zeros((1, COLUMNS), dtype=np.int32)
    lengths = np.bincount(owners)
    starts = np.cumsum(lengths) - lengths
    rows = np.zeros((len(lengths), COLUMNS), dtype=np.int32)
    with np.errstate(over="ignore"):  # The hashes are sums modulo 2 ** 32.
        words = _hash_words(points, starts, lengths)
        rows[:, 0] = _bucket(words)
        rows[:, 1] = _bucket(_hash_pairs(words))
        _fill_grams(rows, *_grams(points, owners, starts, lengths))
    return rows


def words_of(characters: str) -> NDArray[np.int64]:
    """Return which row of `hash_words` each character is part of, or -1; shape (characters,).

    A word is a run of letters, digits and apostrophes; any other character but
    space (a punctuation mark, an emoji) is a word of its own. The last `WORDS` are read.
    """
    points = _points(characters)
    letters = (points >= ord("a")) & (points <= ord("z"))
    digits = (points >= ord("0")) & (points <= ord("9"))
    capitals = (points >= ord("A")) & (points <= ord("Z"))
    foreign = (points > LAST_ASCII) & (points < FIRST_SYMBOL)
    joined = letters | capitals | digits | foreign | (points == ord("'"))
    space = (points <= ord(" ")) | (points == NO_BREAK_SPACE)
    begins = ~space & ~(joined & np.concatenate([[False], joined[:-1]]))
    numbers = np.cumsum(begins) - 1 - max(0, int(begins.sum()) - WORDS)
    return np.where(space, -1, np.maximum(numbers, -1))


def _points(characters: str) -> Numbers:
    raw = characters.translate(STRAIGHT_QUOTES).encode("utf-32-le", errors="surrogatepass")
    return np.frombuffer(raw, dtype=np.uint32)


def _hash_words(points: Numbers, starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> Numbers:
    places = np.arange(len(points)) - np.repeat(starts, lengths)
    factors = np.full(int(lengths.max()) + 1, _FACTOR)
    factors[0] = 1
    powers = np.cumprod(factors, dtype=np.uint32)
    terms = (points + np.uint32(7)) * powers[places] * np.uint32(2654435761)
    sums: Numbers = np.add.reduceat(terms, starts).astype(np.uint32)
    return sums


def _hash_pairs(words: Numbers) -> Numbers:
    before = np.concatenate([np.zeros(1, dtype=np.uint32), words[:-1]])
    before = before ^ (before >> np.uint32(13))
    pairs: Numbers = words * np.uint32(0x9E3779B1) + before * np.uint32(0x85EBCA6B)
    return np.add(pairs, np.uint32(12345))


def _grams(
    points: Numbers,
    owners: NDArray[np.int64],
    starts: NDArray[np.int64],
    lengths: NDArray[np.int64],
) -> tuple[NDArray[np.int64], Numbers]:
    """Return (word numbers, hashes) of all n-grams, in the order of the words."""
    marked = np.zeros(len(points) + 2 * len(lengths), dtype=np.uint32)
    edges = starts + 2 * np.arange(len(lengths))
    marked[edges] = _OPEN
    marked[edges + lengths + 1] = _CLOSE
    marked[np.arange(len(points)) + 2 * owners + 1] = points
    wide_owners = np.repeat(np.arange(len(lengths)), lengths + 2)
    found = [_grams_of_size(size, marked, wide_owners) for size in _GRAM_SIZES]
    all_owners = np.concatenate([part[0] for part in found])
    order = np.argsort(all_owners, kind="stable")
    return all_owners[order], np.concatenate([part[1] for part in found])[order]


def _grams_of_size(
    size: int, marked: Numbers, owners: NDArray[np.int64]
) -> tuple[NDArray[np.int64], Numbers]:
    count = max(0, len(marked) - size + 1)
    hashes = np.full(count, size * 977, dtype=np.uint32)
    for offset in range(size):
        hashes = (hashes ^ marked[offset : offset + count]) * _FACTOR + np.uint32(offset)
    inside = owners[:count] == owners[size - 1 : size - 1 + count]
    return owners[:count][inside], hashes[inside]


def _fill_grams(rows: Features, owners: NDArray[np.int64], hashes: Numbers) -> None:
    ranks = np.arange(len(owners)) - np.searchsorted(owners, np.arange(len(rows)))[owners]
    kept = ranks < GRAMS
    rows[owners[kept], 2 + ranks[kept]] = _bucket(hashes[kept])


def _bucket(hashes: Numbers) -> Features:
    """Return numbers from 1 to BUCKETS - 1; 0 is kept for nothing."""
    mixed = hashes ^ (hashes >> np.uint32(15))
    mixed *= np.uint32(0x2C1B3C6D)
    mixed ^= mixed >> np.uint32(12)
    return (1 + mixed % np.uint32(BUCKETS - 1)).astype(np.int32)
