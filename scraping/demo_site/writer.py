"""Writes a review's title and text: its words follow its stars, so that they can be learnt."""

from typing import Final, Literal

from demo_site.dice import Dice
from demo_site.phrases import (
    ASIDES,
    MONTHS,
    NUMBERS,
    OPENINGS,
    RELATIVES,
    TITLES,
    TOPICS,
    VERDICTS,
)

Tone = Literal["praise", "shrug", "blame"]

PLANS: Final[tuple[tuple[tuple[Tone, ...], ...], ...]] = (
    (("blame", "blame"), ("blame", "blame", "blame"), ("blame",), ("shrug", "blame", "blame")),
    (("blame", "shrug"), ("praise", "blame", "blame"), ("blame", "blame"), ("shrug", "blame")),
    (("shrug", "shrug"), ("praise", "blame"), ("shrug",), ("praise", "shrug", "blame")),
    (("praise", "shrug"), ("praise", "praise"), ("praise", "praise", "blame"), ("praise", "shrug")),
    (("praise", "praise"), ("praise", "praise", "praise"), ("praise",), ("praise", "praise")),
)
"""The opinions that a review of one star to five may be made of."""

SLOTS: Final = {"{month}": MONTHS, "{relative}": RELATIVES, "{number}": NUMBERS}


def write(rating: int, company: str, item: str, dice: Dice) -> tuple[str, str]:
    """Return the title and the text of a review."""
    sentences = [dice.pick(OPENINGS)] if dice.below(4) else []
    sentences += _opinions(dice.pick(PLANS[rating - 1]), dice)
    if not dice.below(3):
        sentences.append(dice.pick(ASIDES))
    sentences.append(dice.pick(VERDICTS[rating - 1]))
    text = _filled(" ".join(sentences), company, item, dice)
    return dice.pick(TITLES[rating - 1]).replace("{item}", item), text


def _opinions(plan: tuple[Tone, ...], dice: Dice) -> list[str]:
    """Return a sentence for each tone, no two about the same topic."""
    topic = dice.below(len(TOPICS))
    # The topics are a prime number, so that every step walks past all of them.
    step = 1 + dice.below(len(TOPICS) - 1)
    sentences = []
    for tone in plan:
        about = TOPICS[topic % len(TOPICS)]
        sentences.append(f"{dice.pick(about.subjects)} {dice.pick(getattr(about, tone))}.")
        topic += step
    return sentences


def _filled(text: str, company: str, item: str, dice: Dice) -> str:
    text = text.replace("{company}", company).replace("{item}", item)
    for slot, options in SLOTS.items():
        while slot in text:
            text = text.replace(slot, dice.pick(options), 1)
    return _with_articles(text)


def _with_articles(text: str) -> str:
    """Make `a` before a vowel an `an`, which goods such as an apple tree need."""
    for vowel in "aeiou":
        text = text.replace(f" a {vowel}", f" an {vowel}")
    return text
