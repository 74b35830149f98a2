"""Which words moved the score: each is left out in turn, all variants in one batch.

Occlusion after M. D. Zeiler and R. Fergus, "Visualizing and Understanding
Convolutional Networks" (2014), https://arxiv.org/abs/1311.2901.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from charcnn.encoding import LENGTH
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


def words_read(text: str) -> list[re.Match[str]]:
    """Return the words that the network sees at least in part: the text's end is read."""
    first_read = len(text.rstrip()) - LENGTH
    return [word for word in WORD.finditer(text) if word.end() > first_read][-MOST_WORDS:]


def explain(text: str, classify: Callable[[Sequence[str]], Probabilities]) -> Explanation:
    """Return the verdict on `text` and each word's effect on its score."""
    words = words_read(text)
    without = [text[: word.start()] + text[word.end() :] for word in words]
    verdict, *others = [judge(row) for row in classify([text, *without])]
    effects = [
        WordEffect(word.group(), word.start(), word.end(), verdict.score - other.score)
        for word, other in zip(words, others, strict=True)
    ]
    return Explanation(verdict, effects)
