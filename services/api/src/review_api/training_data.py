"""``GET /api/training-data``: what to train on, as it was stored before a moment.

A row of the export is a review as it read at ``until``: people's reviews never change, and of a
scraped one each wording is kept with the time it was stored and the time it was superseded. So an
export with the same ``until`` has the same rows, but for reviews that were deleted meanwhile.
What is held back or too much of one kind is left out; see `guards` and `quarantine`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from flask import Blueprint, Response, request
from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from review_api import export, guards, quarantine
from review_api.database import database
from review_api.masking import masked
from review_api.operations import describe
from review_api.schemas import Query
from review_api.settings import current_settings
from review_api.times import Rfc3339

blueprint = Blueprint("training_data", __name__)

MEDIA_TYPE = "application/x-ndjson"
EPOCH = datetime.fromtimestamp(0, UTC)

EXAMPLES = """
select text, rating, source, brand, created, weight from (
    (select created_date as stored, id, 'people' as source,
            review as text, rating, brand, created_date as created, %(people)s::float8 as weight
     from review
     where created_date < %(until)s
       and not exists (select from left_out where not scraped and left_out.id = review.id)
     order by created_date, id)
    union all
    (select coalesce(changed_date, stored_date), id, site,
            text, rating, company, coalesce(date::timestamptz, stored_date), %(scraped)s::float8
     from scraped_review
     where coalesce(changed_date, stored_date) < %(until)s
       and not exists (select from left_out where scraped and left_out.id = scraped_review.id)
     order by coalesce(changed_date, stored_date), id)
    union all
    (select past.stored_date, present.id, present.site,
            past.text, past.rating, past.company,
            coalesce(past.date::timestamptz, present.stored_date), %(scraped)s::float8
     from scraped_review_past as past
     join scraped_review as present on present.id = past.review_id
     where past.stored_date < %(until)s and past.superseded_date >= %(until)s
       and not exists (select from left_out where scraped and left_out.id = present.id)
     order by past.stored_date, present.id)
) as example
order by stored, id, source
"""


class TrainingQuery(Query):
    """Up to when."""

    until: Annotated[Rfc3339, Field(ge=EPOCH)] | None = Field(
        None, description="Only what was stored before this time (RFC 3339); default now."
    )


class TrainingExample(BaseModel):
    """A review to train on, without personal data."""

    text: Annotated[str, AfterValidator(masked)]
    rating: int
    source: str
    brand: str
    created: AwareDatetime
    weight: float | None = Field(None, exclude_if=lambda weight: weight is None)


@blueprint.get("/api/training-data")
@describe(
    "Stream all reviews to train on as NDJSON, without personal data.",
    query=TrainingQuery,
    scope="training:read",
    answer=str,
    media_types=(MEDIA_TYPE,),
    headers=(
        ("X-Until", "The time before which everything was stored that is here."),
        ("X-Left-Out", "How many reviews are left out, by reason (an RFC 9651 dictionary)."),
    ),
    problems=(400, 401, 403, 503),
)
def training_data() -> Response:
    """Answer with a stream of examples in the order in which they were stored."""
    wanted = TrainingQuery.from_query(request.args.to_dict(flat=False)).until
    settings = current_settings()
    quarantine.hold(settings, EPOCH)
    until = min(wanted, _settled()) if wanted else _settled()
    values = {"until": until} | weights(settings.training_people_weight)

    def prepare(connection: Any) -> dict[str, str]:  # noqa: ANN401 (psycopg2's own type)
        return _headers(until, guards.Guards.of(settings).leave_out(connection, until))

    examples = export.Export("training-data", TrainingExample, (EXAMPLES, values), prepare)
    return export.stream(examples, MEDIA_TYPE)


def weights(people: float) -> dict[str, float | None]:
    """Return what reviews weigh by where they come from; nothing where all weigh the same."""
    return {"people": people, "scraped": 1.0} if people != 1 else {"people": None, "scraped": None}


def _headers(until: datetime, left_out: Mapping[str, int]) -> dict[str, str]:
    return {
        "X-Until": until.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "X-Left-Out": ", ".join(f"{reason}={count}" for reason, count in left_out.items()),
    }


def _settled() -> datetime:
    """Return a moment before which no writer can store anything any more.

    Who holds the tables in share mode has waited for all who were writing; those who come later
    read the clock when they have the table.
    """
    tables = "review, scraped_review, quarantine, quarantine_decision"
    with database.atomic():
        database.execute_sql("set local lock_timeout = '5s'")
        database.execute_sql(f"lock table {tables} in share mode")
        settled: datetime = database.execute_sql("select clock_timestamp()").fetchone()[0]
    return settled
