"""``GET /api/training-data``: what to train on, as it was stored before a moment.

A row of the export is a review as it read at ``until``: people's reviews never change, and of a
scraped one each wording is kept with the time it was stored and the time it was superseded. So an
export with the same ``until`` has the same rows, but for reviews that were deleted meanwhile.
"""

import re
from datetime import UTC, datetime
from typing import Annotated

from flask import Blueprint, Response, request
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, Field

from review_api import export
from review_api.database import database
from review_api.masking import masked
from review_api.operations import describe
from review_api.schemas import Query

blueprint = Blueprint("training_data", __name__)

MEDIA_TYPE = "application/x-ndjson"
EPOCH = datetime.fromtimestamp(0, UTC)
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)

EXAMPLES = """
select text, rating, source, brand, created from (
    (select created_date as stored, id, 'people' as source,
            review as text, rating, brand, created_date as created
     from review
     where created_date < %(until)s
     order by created_date, id)
    union all
    (select coalesce(changed_date, stored_date), id, site,
            text, rating, company, coalesce(date::timestamptz, stored_date)
     from scraped_review
     where coalesce(changed_date, stored_date) < %(until)s
     order by coalesce(changed_date, stored_date), id)
    union all
    (select past.stored_date, present.id, present.site,
            past.text, past.rating, past.company,
            coalesce(past.date::timestamptz, present.stored_date)
     from scraped_review_past as past
     join scraped_review as present on present.id = past.review_id
     where past.stored_date < %(until)s and past.superseded_date >= %(until)s
     order by past.stored_date, present.id)
) as example
order by stored, id, source
"""


def _written_out(value: object) -> object:
    """Take times as RFC 3339 has them only, not pydantic's numbers of seconds."""
    if not isinstance(value, str) or not RFC_3339.fullmatch(value):
        message = "must be a time such as 2026-01-31T12:00:00Z"
        raise ValueError(message)
    return value


class TrainingQuery(Query):
    """Up to when."""

    until: Annotated[AwareDatetime, Field(ge=EPOCH), BeforeValidator(_written_out)] | None = Field(
        None, description="Only what was stored before this time (RFC 3339); default now."
    )


class TrainingExample(BaseModel):
    """A review to train on, without personal data."""

    text: Annotated[str, AfterValidator(masked)]
    rating: int
    source: str
    brand: str
    created: AwareDatetime


@blueprint.get("/api/training-data")
@describe(
    "Stream all reviews to train on as NDJSON, without personal data.",
    query=TrainingQuery,
    scope="training:read",
    answer=str,
    media_types=(MEDIA_TYPE,),
    headers=(("X-Until", "The time before which everything was stored that is here."),),
    problems=(400, 401, 403, 503),
)
def training_data() -> Response:
    """Answer with a stream of examples in the order in which they were stored."""
    wanted = TrainingQuery.from_query(request.args.to_dict(flat=False)).until
    until = min(wanted, _settled()) if wanted else _settled()
    text = until.astimezone(UTC).isoformat().replace("+00:00", "Z")
    statement = (EXAMPLES, {"until": until})
    examples = export.Export("training-data", TrainingExample, statement, {"X-Until": text})
    return export.stream(examples, MEDIA_TYPE)


def _settled() -> datetime:
    """Return a moment before which no writer can store anything any more.

    Who holds the tables in share mode has waited for all who were writing; those who come later
    read the clock when they have the table.
    """
    with database.atomic():
        database.execute_sql("set local lock_timeout = '5s'")
        database.execute_sql("lock table review, scraped_review in share mode")
        settled: datetime = database.execute_sql("select clock_timestamp()").fetchone()[0]
    return settled
