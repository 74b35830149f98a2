"""A sample of reviews, written by a grammar: to try the whole way from a CSV to a served model.

A text follows one of its class's templates, filled with phrases that the templates share. So a
model that is validated on templates it has never seen must have learnt the phrases.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields, replace
from itertools import count, islice
from random import Random
from typing import TypeVar

from charcnn.scoring import LABELS
from trainer.sample_grammar import CLOSINGS, PHRASES, SHOPS, TEMPLATES, TOPICS

STARS = {"bad": (1, 2), "average": (3,), "good": (4, 5)}

SHORTEST, LONGEST = 36, 390
"""Characters of a neatly written text; typing takes or adds a few."""

MOST_ROWS = 30_000
"""Far more rows would find no new text for the shortest templates."""

WORD = re.compile(r"[\w']+")
SLOT = re.compile(r"\{(\w+)\}")
SENTENCE_START = re.compile(r"(?:^|(?<=[.!?] ))[a-z]")
LONG_WORD = re.compile(r"\b[a-z]{5,}\b")

Option = TypeVar("Option")


@dataclass(frozen=True)
class SampleReview:
    """One row of the sample; `template` names the structure of the text, such as `bad-07`."""

    text: str
    rating: int
    template: str
    source: str
    company: str


def make(rows: int, seed: int) -> list[SampleReview]:
    """Return `rows` reviews, at most `MOST_ROWS`, of each class as many; no two say the same."""
    random = Random(seed)  # noqa: S311  # A sample to learn from, not a secret.
    reviews = list(islice(_all_different(random), rows))
    return sorted(reviews, key=lambda _: random.random())


def as_csv(reviews: Sequence[SampleReview]) -> str:
    """Return the reviews as CSV with a header."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(field.name for field in fields(SampleReview))
    writer.writerows(astuple(review) for review in reviews)
    return lines.getvalue()


def _all_different(random: Random) -> Iterator[SampleReview]:
    """Yield reviews for ever: one of each class, template by template."""
    seen: set[frozenset[str]] = set()
    for number in count():
        for label in LABELS:
            review = _new_review(label, number % len(TEMPLATES[label]), seen, random)
            yield replace(review, text=_typed(review.text, random))


def _new_review(label: str, index: int, seen: set[frozenset[str]], random: Random) -> SampleReview:
    """Return a neatly written review whose words are not among those `seen`, and add them."""
    while True:
        review = _review(label, index, random)
        words = frozenset(WORD.findall(review.text.lower()))
        if words not in seen and SHORTEST <= len(review.text) <= LONGEST:
            seen.add(words)
            return review


def _review(label: str, index: int, random: Random) -> SampleReview:
    rating = _pick(STARS[label], random)
    source = _pick(tuple(SHOPS), random)
    company = _pick(SHOPS[source].companies, random)
    item = _pick(SHOPS[source].items, random)
    own = {"company": (company,), "item": (item,), "closing": CLOSINGS[rating]}
    text = _written(TEMPLATES[label][index], PHRASES | own, random)
    return SampleReview(text, rating, f"{label}-{index + 1:02}", source, company)


def _pick(options: Sequence[Option], random: Random) -> Option:
    """Return one of `options`. Python promises to keep only the numbers of `random.random()`."""
    return options[int(random.random() * len(options))]


def _written(template: str, phrases: Mapping[str, Sequence[str]], random: Random) -> str:
    """Return `template` with all slots filled and each sentence begun with a capital."""
    topics = iter(sorted(TOPICS.values(), key=lambda _: random.random()))

    def fill(slot: re.Match[str]) -> str:
        name = slot[1]
        options = phrases[name] if name in phrases else getattr(next(topics), name)
        return SLOT.sub(fill, _pick(options, random))

    return SENTENCE_START.sub(lambda start: start[0].upper(), SLOT.sub(fill, template))


def _typed(text: str, random: Random) -> str:
    """Return `text` as people type: now and then in haste, in anger or in delight."""
    for chance, habit in HABITS:
        if random.random() < chance:
            text = habit(text, random)
    return text


def _with_a_word_changed(text: str, random: Random, change: Callable[[str, Random], str]) -> str:
    """Return `text` with one of its long words, if it has any, replaced by what `change` says."""
    words = list(LONG_WORD.finditer(text))
    if not words:
        return text
    word = _pick(words, random)
    return text[: word.start()] + change(word[0], random) + text[word.end() :]


def _mistyped(text: str, random: Random) -> str:
    return _with_a_word_changed(text, random, _misspelt)


def _misspelt(word: str, random: Random) -> str:
    """Return `word` with two letters after its first exchanged, or one of them left out."""
    at = _pick(range(1, len(word) - 1), random)
    instead = _pick((word[at + 1] + word[at], word[at]), random)
    return word[:at] + instead + word[at + 2 :]


def _stressed(text: str, random: Random) -> str:
    return _with_a_word_changed(text, random, lambda word, _: word.upper())


def _exclaimed(text: str, random: Random) -> str:
    return text.rstrip(".") + _pick(("!", "!!", "!!!"), random)


HABITS: tuple[tuple[float, Callable[[str, Random], str]], ...] = (
    (0.15, _mistyped),
    (0.05, _mistyped),
    (0.08, _stressed),
    (0.15, _exclaimed),
    (0.06, lambda text, _: text.replace("'", "").rstrip(".")),
    (0.06, lambda text, _: text.lower()),
    (0.02, lambda text, _: text.upper()),
)
"""How often, and how, a text departs from what is neatly written."""
