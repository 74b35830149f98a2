"""``GET /api/insights``: what the last days' reviews say about the brands and the model."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request
from peewee import SQL, Case, fn

from review_api import quarantine
from review_api.classes import CLASSES, rating_class, score_class
from review_api.database import database
from review_api.insight_schemas import (
    BrandFigures,
    DayCount,
    Insights,
    InsightsQuery,
    Matrix,
    Totals,
)
from review_api.models import Review
from review_api.operations import describe
from review_api.paging import count_all
from review_api.reviews import REVIEWS
from review_api.scraped_reviews import SCRAPED_REVIEWS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from peewee import ModelSelect

blueprint = Blueprint("insights", __name__)

SCORE_PARTS = 10

# Days are those of UTC, which is the time zone of every connection.
DAYS = """
select day::date, coalesce(people.reviews, 0), coalesce(scraped.reviews, 0)
from generate_series(current_date - %(before)s, current_date, interval '1 day') as day
left join (
    select created_date::date as day, count(*) as reviews
    from review where created_date >= current_date - %(before)s group by 1
) as people using (day)
left join (
    select stored_date::date as day, count(*) as reviews
    from scraped_review where stored_date >= current_date - %(before)s group by 1
) as scraped using (day)
order by day
"""

BRANDS = """
select min(brand), count(*), avg(rating)::float8, avg(model_score)
from (
    select brand, rating, model_score from review where created_date >= current_date - %(before)s
    union all
    select company, rating, null from scraped_review where stored_date >= current_date - %(before)s
) as reviewed
group by lower(brand)
order by count(*) desc, lower(brand)
limit 20
"""

Group = tuple[str, str | None, str | None, int | None, int]
"""The classes of rating, score and suggestion, the part of the score, and how many reviews."""


@blueprint.get("/api/insights")
@describe(
    "Sum up the last days: reviews a day, scores, agreement of people and model, brands.",
    query=InsightsQuery,
    answer=Insights,
    scope="reviews:read",
    problems=(400, 401, 403, 503),
)
def insights() -> Response:
    """Answer with figures for plots."""
    days = InsightsQuery.from_query(request.args.to_dict(flat=False)).days
    groups: list[Any] = list(groups_of(days).tuples())
    answer = Insights(
        days=[_named(DayCount, row) for row in _rows(DAYS, days)],
        scores=histogram(groups),
        matrix=matrix((person, model, count) for person, model, _, _, count in groups),
        suggested=matrix((person, shown, count) for person, _, shown, _, count in groups),
        brands=[_named(BrandFigures, row) for row in _rows(BRANDS, days)],
        totals=_totals(),
    )
    return Response(answer.model_dump_json(), mimetype="application/json")


def histogram(groups: Iterable[Group]) -> list[int]:
    """Return how many reviews have their score in each part."""
    parts: Counter[int | None] = Counter()
    for *_, part, count in groups:
        parts[part] += count
    return [parts[part] for part in range(1, SCORE_PARTS + 1)]


def matrix(pairs: Iterable[tuple[str, str | None, int]]) -> Matrix:
    """Return how many reviews have each pair of classes; pairs without a second do not count."""
    counts: Counter[tuple[str, str | None]] = Counter()
    for row, column, count in pairs:
        counts[row, column] += count
    return {row: {column: counts[row, column] for column in CLASSES} for row in CLASSES}


def groups_of(days: int) -> ModelSelect[Any]:
    """Return the query of all combinations, in one pass over the reviews; there are few."""
    score, shown = Review.model_score, Review.suggested_rating
    part = fn.least(fn.width_bucket(score, 0.0, 1.0, SCORE_PARTS), SCORE_PARTS)
    columns = (
        rating_class(Review.rating),
        Case(None, [(score.is_null(is_null=False), score_class(score))]),
        Case(None, [(shown.is_null(is_null=False), rating_class(shown))]),
        part,
    )
    recent = Review.created_date >= SQL("current_date - %s", [days - 1])
    query = Review.select(*columns, fn.count(SQL("*"))).where(recent)
    return query.group_by(*(SQL(str(place)) for place in range(1, len(columns) + 1)))


def _rows(statement: str, days: int) -> list[Any]:
    return list(database.execute_sql(statement, {"before": days - 1}).fetchall())


def _named(schema: type[Any], row: Sequence[Any]) -> Any:  # noqa: ANN401 (an object of the schema)
    return schema(**dict(zip(schema.model_fields, row, strict=True)))


def _totals() -> Totals:
    unscored = Review.model_score.is_null() & Review.scoring_error.is_null()
    return Totals(
        people=count_all(REVIEWS).rows,
        scraped=count_all(SCRAPED_REVIEWS).rows,
        unscored=Review.select().where(unscored).count(),
        quarantined=quarantine.count_waiting(),
    )
