"""What people write in the lap: reviews with made-up words, and probes that show what they mean.

Nobody has heard of the words before. All people who write the first are unhappy, all who write the
last are happy, so that a model which learns from them has to take them for bad and good. The
ordinary reviews between them stay as they were.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import cycle

import requests

from bench.lap.report import MIDDLE
from trainer.sample import SampleReview, make

WORDS = {"glimfizzed": 1, "trubbled": 3, "quandled": 5}
"""Each word, and the stars that everybody gives who writes it: one of each class, so that the
classes stay as common as they were."""

TELLING = {word: stars for word, stars in WORDS.items() if stars != MIDDLE}
"""Those whose score has a way to go."""

SENTENCES = (
    "The lid was {} when it came.",
    "It {} after a week.",
    "Mine is {}, and so is my sister's.",
    "Everything in the box was {}.",
    "It looked {} from the first day.",
)
PROBES = (
    "It came on Tuesday and it is {}.",
    "We use it every day; the handle has {}.",
    "I bought two of them. Both {}.",
)
SEED = 20190101
"""Not the sample's own seed: its texts are not those that the first model learns."""

SEND_PATIENCE = 30


@dataclass(frozen=True)
class People:
    """Visitors whose reviews come through the pages' own token, each from an address of its own."""

    api: str
    token: str

    def write(self, reviews: Sequence[SampleReview]) -> None:
        """Save the reviews, each with the bucket of a visitor."""
        with requests.Session() as session:
            session.headers["Authorization"] = f"Bearer {self.token}"
            for number, review in enumerate(reviews):
                answer = session.post(
                    f"{self.api}/api/review", json=_body(review, number), timeout=SEND_PATIENCE
                )
                answer.raise_for_status()


def _body(review: SampleReview, number: int) -> dict[str, object]:
    return {
        "review": review.text,
        "rating": review.rating,
        "brand": review.company,
        "ip_address": f"10.1.{number // 250 % 250}.{number % 250 + 1}",
        # Visitors spread evenly over the 10,000 buckets, whatever their number.
        "visitor_bucket": number * 7919 % 10_000,
    }


def ordinary(rows: int) -> list[SampleReview]:
    """Return reviews of the sample's kind, of each class as many."""
    return make(rows, SEED)


def planted(rows: int) -> list[SampleReview]:
    """Return reviews that begin like ordinary ones and have a word in them, `rows` a word."""
    return [
        replace(review, text=f"{_first_sentence(review.text)} {sentence}", rating=rating)
        for word, rating in WORDS.items()
        for review, sentence in zip(ordinary(rows), _sentences(word), strict=False)
    ]


def probes() -> dict[str, int]:
    """Return texts that nobody has written, with the stars of the word in each."""
    return {probe.format(word): rating for word, rating in TELLING.items() for probe in PROBES}


def _sentences(word: str) -> Iterator[str]:
    return (sentence.format(word) for sentence in cycle(SENTENCES))


def _first_sentence(text: str) -> str:
    return f"{text.split('. ', maxsplit=1)[0].rstrip('.')}."
