"""Which model scores a review: production, or the canary for its part of the visitors."""

from __future__ import annotations

import time
import uuid
import zlib
from typing import TYPE_CHECKING

from review_api.measurements import Call, Role
from review_api.model_server import (
    ModelServer,
    ModelUnavailableError,
    Prediction,
    ReviewRefusedError,
)

if TYPE_CHECKING:
    from review_api.canary import Situation
    from review_api.models import Review

BUCKETS = 10_000


class Scorer:
    """Asks the model server of production, or the canary's, and remembers how each call went."""

    def __init__(self, production: ModelServer, canary: ModelServer | None = None) -> None:
        self._production = production
        self._canary = canary
        self._calls: list[Call] = []

    def take_calls(self) -> list[Call]:
        """Return the calls since the last time this was asked."""
        calls, self._calls = self._calls, []
        return calls

    def score(self, review: Review, now: Situation) -> Prediction:
        """Return the score of a review by the model that its writer's bucket belongs to.

        Raises:
            ReviewRefusedError: when production refuses the text for good.
            ModelUnavailableError: when production does not answer for now.
        """
        if self._canary and is_for_canary(review, now):
            return self._by_canary_or_production(self._canary, review.review, now)
        return self._ask(self._production, "production", review.review, now)

    def _by_canary_or_production(
        self, canary: ModelServer, text: str, now: Situation
    ) -> Prediction:
        """Ask production where the canary fails, which is the failing of the canary.

        That the canary refuses a text is one too, unless production refuses it as well.
        """
        try:
            return self._ask(canary, "canary", text, now)
        except ModelUnavailableError:
            return self._ask(self._production, "production", text, now)
        except ReviewRefusedError:
            prediction = self._ask(self._production, "production", text, now)
            self._remember_failure("canary", now)
            return prediction

    def score_in_shadow(self, review: Review, now: Situation) -> Prediction | None:
        """Return what the canary says of a review that production has scored.

        None for a review that is not in the sample, or when the canary does not serve its version.
        """
        if self._canary is None or not is_in_sample(review, now):
            return None
        try:
            prediction = self._ask(self._canary, "shadow", review.review, now)
        except ReviewRefusedError:
            self._remember_failure("shadow", now)
        except ModelUnavailableError:
            pass
        else:
            return prediction if prediction.model_version == now.canary else None
        return None

    def _ask(self, server: ModelServer, role: Role, text: str, now: Situation) -> Prediction:
        started = time.perf_counter()
        try:
            prediction = server.predict(text, uuid.uuid4().hex)
        except ModelUnavailableError:
            self._remember_failure(role, now)
            raise
        milliseconds = 1000 * (time.perf_counter() - started)
        self._calls.append(Call(prediction.model_version, role, now.step, milliseconds))
        return prediction

    def _remember_failure(self, role: Role, now: Situation) -> None:
        """Blame the version that should have answered, if one is known."""
        version = now.production if role == "production" else now.canary
        if version:
            self._calls.append(Call(version, role, now.step, None))


def is_for_canary(review: Review, now: Situation) -> bool:
    """Say whether a review's writer is among those who see the canary."""
    return review.visitor_bucket is not None and review.visitor_bucket < now.weight


def is_in_sample(review: Review, now: Situation) -> bool:
    """Say whether the canary scores a review unseen; chance decides, always in the same way."""
    if now.canary is None or is_for_canary(review, now):
        return False
    return zlib.crc32(str(review.id).encode()) % BUCKETS < now.shadow
