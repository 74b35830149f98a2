"""Repeatable chance: the same key rolls the same numbers, on every machine and for ever."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

Option = TypeVar("Option")


class Dice:
    """A number of 512 bits from a key, spent choice by choice: enough for some fifty choices.

    Faster to make than a `random.Random`, of which every review would need one of its own.
    """

    __slots__ = ("_left",)

    def __init__(self, *key: int | str) -> None:
        self._left = int.from_bytes(blake2b(repr(key).encode()).digest())

    def below(self, limit: int) -> int:
        """Return a number from 0 to `limit` - 1."""
        self._left, rolled = divmod(self._left, limit)
        return rolled

    def pick(self, options: Sequence[Option]) -> Option:
        """Return one of the options."""
        self._left, rolled = divmod(self._left, len(options))
        return options[rolled]
