"""Which words moved the score: each is left out in turn, all variants in one batch.

Occlusion after M. D. Zeiler and R. Fergus, "Visualizing and Understanding
Convolutional Networks" (2014), https://arxiv.org/abs/1311.2901.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from charcnn.inference import Probabilities
from charcnn.scoring import Verdict, judge

WORD = re.compile(r"\S+")

MOST_WORDS = 256
"""A text of common words fills the characters that are read with fewer words than this."""


@dataclass(frozen=True)
class WordEffect:
    """A word, where it stands in the text, and the score with it minus the score without."""

    text: str
    start: int
    end: int
    effect: float


@dataclass(frozen=True)
class Explanation:
    """The verdict on a review and the words that led to it, in their order."""

    verdict: Verdict
    words: list[WordEffect]


def words_read(text: str, length: int) -> list[re.Match[str]]:
    """Return the words that are read at least in part: the last `length` characters are."""
    first_read = len(text.rstrip()) - length
    return [word for word in WORD.finditer(text) if word.end() > first_read][-MOST_WORDS:]


def explain(
    text: str, classify: Callable[[Sequence[str]], Probabilities], length: int
) -> Explanation:
    """Return the verdict on `text` and the effect of each word in its last `length` characters."""
    words = words_read(text, length)
    without = [text[: word.start()] + text[word.end() :] for word in words]
    verdict, *others = [judge(row) for row in classify([text, *without])]
    effects = [
        WordEffect(word.group(), word.start(), word.end(), verdict.score - other.score)
        for word, other in zip(words, others, strict=True)
    ]
    return Explanation(verdict, effects)
