"""What a model has to reach, and how much worse than production it may be.

The floors are what any usable model passes, on whatever reviews it was trained; how good is good
enough, production says. The README has the figures that they were set by.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """The limits of all checks; shares are of 1."""

    balanced_accuracy: float = 0.45
    """On labelled reviews; to guess has 0.33."""
    recall: float = 0.2
    """Of every class; a model that never says a class has 0 there."""
    margin: float = 0.02
    """How much balanced accuracy may be lost against production."""
    recall_margin: float = 0.05
    """How much recall a class may lose against production."""
    behaviour_margin: float = 0.05
    """How much of the behaviour tests' cases may be lost against production."""
    least_reviews: int = 50
    """Recent reviews, without which nothing is said of them."""
    least_of_class: int = 20
    """Reviews of a class, without which nothing is said of its recall."""
    milliseconds: float = 25.0
    """A review alone on one thread."""
    slowdown: float = 3.0
    """How many times as long as production a review may take, where it takes a while at all."""
    quick: float = 5.0
    """Milliseconds that are never too slow, whatever production takes."""
    megabytes: float = 60.0
    """Size of the archive: the network in fp32 fits."""
    precision_loss: float = 0.005
    """How much weighted F1 int8 may lose against fp32, as when an archive is made."""
    precision_agreement: float = 0.97
    """On how many reviews int8 and fp32 have to name the same class."""
