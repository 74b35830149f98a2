"""How versions scored people's reviews, and how often their class is the person's own."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from peewee import SQL, fn

from review_api.classes import rating_class, score_class
from review_api.models import Review, ShadowScore

if TYPE_CHECKING:
    from datetime import datetime

    from peewee import Field, ModelSelect

TENTHS = 10


@dataclass
class Scored:
    """A version's scores of reviews, each of which a person has rated.

    Attributes:
        tenths: how many scores are in each tenth from 0 to 1.
        rated: how many there are of each class of the person's rating.
        agreeing: how many of these the version puts into the same class.
    """

    tenths: Counter[int] = field(default_factory=Counter)
    rated: Counter[str] = field(default_factory=Counter)
    agreeing: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: Scored) -> Scored:
        return Scored(
            self.tenths + other.tenths, self.rated + other.rated, self.agreeing + other.agreeing
        )

    @property
    def agreement(self) -> float | None:
        """The share whose class is the person's; None of no reviews."""
        rated = self.rated.total()
        return self.agreeing.total() / rated if rated else None


def scored_since(when: datetime) -> dict[str, Scored]:
    """Return by version what was scored for everybody to see since a time."""
    found = Review.model_score.is_null(is_null=False) & (Review.scored_date >= when)
    return _scored(Review.model_version, Review.model_score, Review.select().where(found))


def shadows_since(when: datetime) -> dict[str, Scored]:
    """Return by version what was scored unseen since a time."""
    found = ShadowScore.select().join(Review).where(ShadowScore.created_date >= when)
    return _scored(ShadowScore.version, ShadowScore.score, found)


def _scored(version: Field, score: Field, reviews: ModelSelect[Any]) -> dict[str, Scored]:
    tenth = fn.least(fn.floor(score * TENTHS), TENTHS - 1).cast("int")
    classes = (rating_class(Review.rating), score_class(score))
    query = reviews.columns(version, tenth, *classes, fn.count(SQL("*")))
    rows: list[Any] = list(query.group_by(SQL("1, 2, 3, 4")).tuples())
    found: dict[str, Scored] = {}
    for name, which, persons, models, count in rows:
        one = found.setdefault(name, Scored())
        one.tenths[which] += count
        one.rated[persons] += count
        one.agreeing[persons] += count if models == persons else 0
    return found
