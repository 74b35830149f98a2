"""``/api/quarantine``: people's reviews that no model learns from before the owner has seen them.

A review is held when the person and a sure model say the opposite of each other, or when its brand
gets more reviews in an hour than people are likely to write. What is held, and each decision, has
its time, so that an export of training data of an earlier moment stays what it was.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request
from peewee import JOIN, SQL, fn
from pydantic import AwareDatetime, TypeAdapter

from review_api import audit, lists
from review_api.access import caller
from review_api.bodies import read_json
from review_api.database import database
from review_api.insight_schemas import HeldReview, NewDecision, QuarantineFilter
from review_api.models import Quarantine, QuarantineDecision, Review
from review_api.operations import describe
from review_api.paging import Listing, Order
from review_api.problems import Problem

if TYPE_CHECKING:
    from peewee import ModelSelect

    from review_api.settings import Settings

blueprint = Blueprint("quarantine", __name__)

IS_LATEST = QuarantineDecision.superseded_date.is_null()


class HeldReviews(Listing):
    """Held reviews with what they say and what was decided last."""

    def rows(self) -> ModelSelect[Any]:
        """Return the query of all held reviews."""
        decided = (QuarantineDecision.review_id == Quarantine.id) & IS_LATEST
        return (
            super()
            .rows()
            .join(Review, on=Review.id == Quarantine.id)
            .join(QuarantineDecision, JOIN.LEFT_OUTER, on=decided)
        )


LATELY = timedelta(days=2)
"""How far back a worker looks for bursts; an export looks at all."""

OF_REVIEW = ("created_date", "review", "rating", "brand", "model_score", "model_version")
OF_DECISION = ("decision", "reason", "who", "decided_date")

HELD = HeldReviews(
    "quarantine",
    Quarantine,
    HeldReview,
    {"held_date": Order(Quarantine.held_date, TypeAdapter(AwareDatetime))},
    {name: getattr(Review, name) for name in OF_REVIEW}
    | {name: getattr(QuarantineDecision, name) for name in OF_DECISION},
)
DECIDED = {
    "none": QuarantineDecision.id.is_null(),
    "use": QuarantineDecision.decision == "use",
    "leave_out": QuarantineDecision.decision == "leave_out",
    "any": SQL("true"),
}


@blueprint.get("/api/quarantine")
@describe(
    "List reviews held back from training by page, or stream them as CSV or NDJSON.",
    query=QuarantineFilter,
    scope="reviews:read",
    answer=list[HeldReview],
    **lists.LISTED,
)
def list_held() -> Response:
    """Answer with a page, or with a stream of everything."""
    wanted = QuarantineFilter.from_query(request.args.to_dict(flat=False))
    return lists.answer(HELD, wanted, {"decision": DECIDED[wanted.decision]})


@blueprint.put("/api/quarantine/<int(max=9223372036854775807):review_id>")
@describe(
    "Decide whether a held review is trained on; exports of earlier moments do not change.",
    json=NewDecision,
    answer=HeldReview,
    scope="admin",
    problems=(400, 401, 403, 404, 413, 415, 503),
)
def decide_held(review_id: int) -> Response:
    """Answer with the review and the decision."""
    new, who = read_json(NewDecision), caller().name
    with audit.recorded(who, "quarantine_decided", str(review_id), new.model_dump()):
        if not _lock(review_id):
            raise Problem(404, "there is no such review in the quarantine")
        _decide(new, review_id, who)
        held = HELD.rows().where(Quarantine.id == review_id).dicts().get()
    return Response(HeldReview.model_validate(held).model_dump_json(), mimetype="application/json")


def _lock(review_id: int) -> bool:
    """Keep other decisions about a held review waiting; say whether it is held."""
    held = Quarantine.select().where(Quarantine.id == review_id).for_update().first()
    return held is not None


def _decide(new: NewDecision, review_id: int, who: str) -> None:
    """Let a new decision hold instead of the one before."""
    before = (QuarantineDecision.review_id == review_id) & IS_LATEST
    QuarantineDecision.update(superseded_date=fn.clock_timestamp()).where(before).execute()
    QuarantineDecision.insert(review_id=review_id, who=who, **new.model_dump()).execute()


# The first condition is word for word that of an index. A review that is being scored or deleted
# just now is passed over until the next time.
HOLD_DISAGREEING = """
insert into quarantine (id, cause)
select id, 'disagreement' from review
where ((rating <= 2 and model_score >= 0.67) or (rating >= 4 and model_score < 0.33))
  and case when rating <= 2 then (model_score - 0.67) / 0.33 else 1 - model_score / 0.33 end
      >= %(sure)s
  and not exists (select from quarantine where quarantine.id = review.id)
for key share of review skip locked
on conflict do nothing
"""

HOLD_BURSTS = """
insert into quarantine (id, cause)
select id, 'burst' from review
join (
    select lower(brand) as brand, date_trunc('hour', created_date) as hour
    from review where created_date >= date_trunc('hour', %(since)s::timestamptz)
    group by 1, 2 having count(*) > %(burst)s
) as burst on lower(review.brand) = burst.brand
    and created_date >= hour and created_date < hour + interval '1 hour'
where not exists (select from quarantine where quarantine.id = review.id)
for key share of review skip locked
on conflict do nothing
"""


def hold(settings: Settings, since: datetime) -> None:
    """Hold back what looks like poison; bursts are looked for from a time on."""
    if sure := settings.training_disagreement:
        database.execute_sql(HOLD_DISAGREEING, {"sure": sure})
    if burst := settings.training_burst:
        database.execute_sql(HOLD_BURSTS, {"burst": burst, "since": since})


def hold_new(settings: Settings) -> None:
    """Hold back what has come lately: a worker's duty."""
    hold(settings, datetime.now(UTC) - LATELY)


def count_waiting() -> int:
    """Return how many reviews wait for a decision."""
    return int(HELD.rows().where(DECIDED["none"]).count())
