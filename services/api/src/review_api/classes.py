"""The three classes that training knows, of ratings and of scores, as expressions of queries."""

from typing import Any, Literal, get_args

from peewee import Case

Class = Literal["bad", "average", "good"]
CLASSES: tuple[Class, ...] = get_args(Class)

BAD_BELOW, GOOD_FROM = 0.33, 0.67
"""Where the scores of the classes meet."""


def rating_class(rating: Any) -> Any:  # noqa: ANN401 (peewee's expressions have no public type)
    """Return the class of a rating from 1 to 5."""
    return Case(None, [(rating <= 2, "bad"), (rating == 3, "average")], "good")  # noqa: PLR2004 (stars)


def score_class(score: Any) -> Any:  # noqa: ANN401 (peewee's expressions have no public type)
    """Return the class of a score from 0 to 1."""
    return Case(None, [(score < BAD_BELOW, "bad"), (score < GOOD_FROM, "average")], "good")
