"""Scores reviews after they are saved: ``review-api work``.

Several workers may run: each claims a row that no other has locked. A review that the model
refuses is never tried again; one that makes the model server stumble goes to the end of the line,
so that it does not keep the others waiting.
"""

import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import structlog
from peewee import IntegrityError, ProgrammingError, fn

from review_api import canary, measurements
from review_api.canary import Situation
from review_api.database import AWAY, database, give_back
from review_api.duties import Agenda, Duty
from review_api.model_server import ModelUnavailableError, ReviewRefusedError
from review_api.models import Review, ShadowScore
from review_api.scoring import Scorer

LONGEST_PAUSE = 30.0
"""Seconds between tries while the model server or the database is away."""

log = structlog.get_logger()


def work(
    scorer: Scorer, interval: float, stop: threading.Event, duties: Iterable[Duty] = ()
) -> None:
    """Score reviews until ``stop`` is set; the review at hand is finished first.

    Args:
        scorer: asks the models.
        interval: seconds between looks at an empty queue, and before the first new try.
        stop: ends the work.
        duties: what else is done, also while many reviews wait.
    """
    pause, agenda = interval, Agenda(duties)
    while not stop.is_set():
        try:
            agenda.run_due()
            score_waiting(scorer, lambda: stop.is_set() or agenda.is_due())
            pause = 0 if agenda.is_due() else interval
        except (ModelUnavailableError, ProgrammingError, *AWAY) as error:
            pause = min(2 * max(pause, interval), LONGEST_PAUSE)
            log.warning("scoring waits", reason=str(error).strip(), seconds=pause)
        finally:
            give_back()
        stop.wait(pause)


def score_waiting(scorer: Scorer, enough: Callable[[], bool]) -> int:
    """Score the reviews that wait and nobody else does until ``enough``; return how many.

    Raises:
        ModelUnavailableError: when the model server is away.
    """
    done = 0
    while score_next(scorer):
        done += 1
        if enough():
            break
    if done:
        log.info("reviews scored", reviews=done)
    return done


def score_next(scorer: Scorer) -> bool:
    """Score one waiting review; return False when there is none.

    Raises:
        ModelUnavailableError: when the model server is away.
    """
    try:
        found = _score_one(scorer)
        if found:
            _score_in_shadow(scorer, *found)
    finally:
        measurements.record(scorer.take_calls())
    return found is not None


def _score_one(scorer: Scorer) -> tuple[Review, Situation] | None:
    """Score one waiting review; return it with what was in use, or None when there is none.

    The row stays locked during the call, so that no other worker makes it too.
    """
    review = None
    try:
        with database.atomic():
            review = _claim()
            if review is None:
                return None
            now = canary.situation()
            _update(review, _outcome(scorer, review, now))
    except ModelUnavailableError as error:
        if error.answered and review:
            _update(review, {"scoring_attempts": review.scoring_attempts + 1})
        raise
    return review, now


def _claim() -> Review | None:
    columns = (Review.id, Review.review, Review.scoring_attempts, Review.visitor_bucket)
    review: Review | None = (
        Review.select(*columns)
        .where(Review.model_score.is_null() & Review.scoring_error.is_null())
        .order_by(Review.scoring_attempts, Review.id)
        .for_update(skip_locked=True)
        .first()
    )
    return review


def _outcome(scorer: Scorer, review: Review, now: Situation) -> dict[str, Any]:
    try:
        prediction = scorer.score(review, now)
    except ReviewRefusedError as error:
        return {"scoring_error": str(error)}
    return {
        "model_score": prediction.score,
        "model_version": prediction.model_version,
        "scored_date": fn.clock_timestamp(),
    }


def _score_in_shadow(scorer: Scorer, review: Review, now: Situation) -> None:
    """Keep what the canary says of a scored review, apart from what is shown."""
    prediction = scorer.score_in_shadow(review, now) if review.scored_date else None
    if prediction is None:
        return
    row = {"review": review, "version": prediction.model_version, "score": prediction.score}
    with suppress(IntegrityError), database.atomic():  # The review may be deleted meanwhile.
        ShadowScore.insert(row, step=now.step).on_conflict_ignore().execute()


def _update(review: Review, fields: dict[str, Any]) -> None:
    """Write fields of a review, also into the object at hand."""
    Review.update(fields).where(Review.id == review.id).execute()
    for name, value in fields.items():
        setattr(review, name, value)
