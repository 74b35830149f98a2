"""How a training set looks, and how reviews look by the same definitions.

A profile is made where a model is trained, and registered with it. It says what each feature is
(edges, patterns, words), so that recent reviews are counted here by the rules that were used there.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, PrivateAttr, field_validator, model_validator

from review_api.classes import CLASSES

OTHER, UNKNOWN = "other", "unknown"
WORD = re.compile(r"\w+")

Share = Annotated[float, Field(ge=0, le=1)]


@dataclass(frozen=True)
class Recent:
    """What is looked at of a review: its text, its rating's class, and numbers by their names."""

    text: str
    label: str
    numbers: Mapping[str, float]


class Named(BaseModel):
    """A feature whose parts have names."""

    shares: dict[str, Share] = Field(min_length=2, max_length=100)

    @property
    def parts(self) -> list[str]:
        """What the feature's parts are called."""
        return list(self.shares)

    @property
    def training(self) -> list[float]:
        """The parts' shares in the training set."""
        return list(self.shares.values())


class Classes(Named):
    """The class of a review's rating."""

    kind: Literal["classes"]

    @field_validator("shares")
    @classmethod
    def _in_order(cls, shares: dict[str, Share]) -> dict[str, Share]:
        """Return them from bad to good; the database does not keep the order."""
        return {name: shares[name] for name in CLASSES if name in shares} | shares

    def count(self, _name: str, review: Recent) -> Counter[str]:
        """Return the class once."""
        return Counter([review.label])


class Patterns(Named):
    """The kinds of a text's characters: the first pattern that matches has a character."""

    kind: Literal["patterns"]
    classes: dict[str, re.Pattern[str]]
    _known: dict[str, str] = PrivateAttr(default_factory=dict)

    def count(self, _name: str, review: Recent) -> Counter[str]:
        """Return how many characters are of each kind."""
        counts: Counter[str] = Counter()
        for character, count in Counter(review.text).items():
            counts[self._kind_of(character)] += count
        return counts

    def _kind_of(self, character: str) -> str:
        if character not in self._known:
            matching = (name for name, one in self.classes.items() if one.match(character))
            self._known[character] = next(matching, OTHER)
        return self._known[character]


class Words(Named):
    """The language of a text: the one most of whose words it has.

    Of several the one that is commonest in the training set has it: the database does not keep
    the order in which they were given.
    """

    kind: Literal["words"]
    classes: dict[str, frozenset[str]] = Field(min_length=1)

    def count(self, _name: str, review: Recent) -> Counter[str]:
        """Return the language once."""
        words = set(WORD.findall(review.text.lower()))
        found = {name: len(words & known) for name, known in self.classes.items()}
        best = max(found, key=lambda name: (found[name], self.shares.get(name, 0)))
        return Counter([best if found[best] else UNKNOWN])


class Numeric(BaseModel):
    """A number in bins; one that is on an edge belongs to the bin above."""

    kind: Literal["numeric"]
    edges: list[float] = Field(min_length=1, max_length=100)
    shares: list[Share]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        ascends = all(one < other for one, other in pairwise(self.edges))
        if not ascends or len(self.shares) != len(self.edges) + 1:
            message = "the edges must ascend, with a share below, between and above"
            raise ValueError(message)
        return self

    @cached_property
    def parts(self) -> list[str]:
        """The bins by their edges."""
        between = (f"{one:g} to {other:g}" for one, other in pairwise(self.edges))
        return [f"< {self.edges[0]:g}", *between, f"≥ {self.edges[-1]:g}"]

    @property
    def training(self) -> list[float]:
        """The bins' shares in the training set."""
        return self.shares

    def count(self, name: str, review: Recent) -> Counter[str]:
        """Return the bin of the review's number of this name, if it has one."""
        number = review.numbers.get(name)
        return Counter() if number is None else Counter([self._bin(number)])

    def _bin(self, number: float) -> str:
        return self.parts[bisect_right(self.edges, number)]


Feature = Annotated[Classes | Patterns | Words | Numeric, Field(discriminator="kind")]


class Profile(BaseModel):
    """How a training set looks."""

    version: Literal[1]
    rows: int = Field(ge=1)
    features: dict[str, Feature]


@dataclass(frozen=True)
class Look:
    """How reviews look in a feature: the shares of its parts, and how many reviews have a value."""

    rows: int
    shares: list[float]


def look(profile: Profile, reviews: Iterable[Recent]) -> dict[str, Look]:
    """Return how reviews look in each feature of a profile, in one pass over them."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in profile.features}
    rows: Counter[str] = Counter()
    for review in reviews:
        for name, feature in profile.features.items():
            found = feature.count(name, review)
            counts[name].update(found)
            rows[name] += bool(found)
    return {
        name: Look(rows[name], _shares(counts[name], feature.parts))
        for name, feature in profile.features.items()
    }


def _shares(counts: Counter[str], parts: Iterable[str]) -> list[float]:
    total = counts.total()
    return [counts[part] / total if total else 0.0 for part in parts]
