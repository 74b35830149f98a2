"""Scores reviews after they are saved: ``review-api work``.

Several workers may run: each claims a row that no other has locked. A review that the model
refuses is never tried again; one that makes the model server stumble goes to the end of the line,
so that it does not keep the others waiting.
"""

import threading
import time
import uuid
from datetime import UTC, datetime
from typing import Any

import structlog
from peewee import ProgrammingError

from review_api import housekeeping
from review_api.database import AWAY, database, give_back
from review_api.model_server import ModelServer, ModelUnavailableError, ReviewRefusedError
from review_api.models import Review

LONGEST_PAUSE = 30.0
"""Seconds between tries while the model server or the database is away."""

SWEEP_EVERY = 60.0
"""Seconds between two rounds of housekeeping."""

log = structlog.get_logger()


def work(model: ModelServer, interval: float, stop: threading.Event) -> None:
    """Score reviews until ``stop`` is set; the review at hand is finished first.

    Args:
        model: the client of the model server.
        interval: seconds between looks at an empty queue, and before the first new try.
        stop: ends the work.
    """
    pause, sweep_at = interval, 0.0
    while not stop.is_set():
        try:
            if time.monotonic() >= sweep_at:
                housekeeping.sweep()
                sweep_at = time.monotonic() + SWEEP_EVERY
            score_waiting(model, stop)
            pause = interval
        except (ModelUnavailableError, ProgrammingError, *AWAY) as error:
            pause = min(2 * pause, LONGEST_PAUSE)
            log.warning("scoring waits", reason=str(error).strip(), seconds=pause)
        finally:
            give_back()
        stop.wait(pause)


def score_waiting(model: ModelServer, stop: threading.Event) -> int:
    """Score every review that waits and nobody else does, until ``stop``; return how many.

    Raises:
        ModelUnavailableError: when the model server is away.
    """
    done = 0
    while not stop.is_set() and score_next(model):
        done += 1
    if done:
        log.info("reviews scored", reviews=done)
    return done


def score_next(model: ModelServer) -> bool:
    """Score one waiting review; return False when there is none.

    The row stays locked during the call, so that no other worker makes it too.

    Raises:
        ModelUnavailableError: when the model server is away.
    """
    review = None
    try:
        with database.atomic():
            review = _claim()
            if review is None:
                return False
            _update(review, _outcome(model, review.review))
    except ModelUnavailableError as error:
        if error.answered and review:
            _update(review, {"scoring_attempts": review.scoring_attempts + 1})
        raise
    return True


def _claim() -> Review | None:
    review: Review | None = (
        Review.select(Review.id, Review.review, Review.scoring_attempts)
        .where(Review.model_score.is_null() & Review.scoring_error.is_null())
        .order_by(Review.scoring_attempts, Review.id)
        .for_update(skip_locked=True)
        .first()
    )
    return review


def _outcome(model: ModelServer, text: str) -> dict[str, Any]:
    try:
        prediction = model.predict(text, uuid.uuid4().hex)
    except ReviewRefusedError as error:
        return {"scoring_error": str(error)}
    return {
        "model_score": prediction.score,
        "model_version": prediction.model_version,
        "scored_date": datetime.now(UTC),
    }


def _update(review: Review, fields: dict[str, Any]) -> None:
    Review.update(fields).where(Review.id == review.id).execute()
