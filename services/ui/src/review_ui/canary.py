"""Which visitors are answered by the canary, a new version of the model that is being tried.

The callers choose, so that the share is exact: the canary is asked for the visitors whose bucket is
below the weight that the review API publishes, which are always the same ones. What it does not
answer, or answers as another version than the canary, production answers.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from prometheus_client import Counter
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from review_ui.model_client import Explanation, Score, SentimentModel
from review_ui.upstream import RefusedError, UnavailableError, Upstream

BUCKETS = 10_000
"""Into so many parts visitors are divided; a weight is a number of them."""
KEPT_SECONDS = 2.0
STALE_SECONDS = 30.0
"""How long a share holds while the review API gives no answer."""

CANARY_CALLS = Counter(
    "review_ui_canary_calls",
    "Questions to the canary; what is not answered, production answered instead.",
    ["outcome"],
)

_Answer = TypeVar("_Answer", bound=Score)


class Share(BaseModel):
    """The canary's version, if there is one, and its part of the visitors."""

    model_config = ConfigDict(frozen=True)

    weight: int = Field(0, ge=0, le=BUCKETS)
    version: str | None = None


class PublishedShare:
    """The share as the review API publishes it, asked for every two seconds at most.

    One request asks; those that come meanwhile go by what was said before.
    """

    def __init__(self, api: Upstream, clock: Callable[[], float] = time.monotonic) -> None:
        self._api = api
        self._clock = clock
        self._asking = threading.Lock()
        self._share = Share()
        self._ask_at = self._stale_at = clock()

    def now(self) -> Share:
        """The share of this moment; nobody's while it is not known."""
        if self._clock() >= self._ask_at and self._asking.acquire(blocking=False):
            try:
                self._ask()
            finally:
                self._asking.release()
        return self._share if self._clock() < self._stale_at else Share()

    def _ask(self) -> None:
        try:
            answer = self._api.call("GET", "/api/canary")
            self._share = Share.model_validate_json(answer.content)
            self._stale_at = self._clock() + STALE_SECONDS
        except (UnavailableError, RefusedError, ValidationError):
            pass  # What was known holds until it is stale; the call itself has been logged.
        self._ask_at = self._clock() + KEPT_SECONDS


@dataclass(frozen=True)
class Canary:
    """The model that is tried, and for whom."""

    model: SentimentModel
    share: PublishedShare

    def version_for(self, bucket: int | None) -> str | None:
        """The version that a visitor is to see; None for production's."""
        share = self.share.now()
        return share.version if bucket is not None and bucket < share.weight else None


@dataclass(frozen=True)
class RoutedModel:
    """The model as visitors have it: production's, or for some the canary's."""

    production: SentimentModel
    canary: Canary | None = None

    def score(self, review: str, bucket: int | None) -> Score:
        """Score a text; raises UnavailableError or RefusedError."""
        return self._ask(bucket, lambda model: model.score(review))

    def explain(self, review: str, bucket: int | None) -> Explanation:
        """Score a text and its words; raises UnavailableError or RefusedError."""
        return self._ask(bucket, lambda model: model.explain(review))

    def _ask(self, bucket: int | None, question: Callable[[SentimentModel], _Answer]) -> _Answer:
        version = self.canary.version_for(bucket) if self.canary else None
        if self.canary is None or version is None:
            return question(self.production)
        return _try(question, self.canary.model, version) or question(self.production)


def _try(
    question: Callable[[SentimentModel], _Answer], model: SentimentModel, version: str
) -> _Answer | None:
    """The canary's answer if it is one; how it went is counted."""
    answer, outcome = None, "answered"
    try:
        answer = question(model)
    except UnavailableError:
        outcome = "failed"
    except RefusedError:
        outcome = "refused"
    if answer is not None and answer.model_version != version:
        # Its TorchServe has not changed to the version yet.
        answer, outcome = None, "other_version"
    CANARY_CALLS.labels(outcome).inc()
    return answer
