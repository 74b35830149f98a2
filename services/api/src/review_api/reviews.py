"""``/api/review`` and ``/api/reviews``: save, list, export and delete reviews."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request
from peewee import SQL, Expression, fn
from pydantic import TypeAdapter

from review_api import addresses, export, limits, metrics, paging
from review_api.access import caller, client_address
from review_api.bodies import read_json_or_form
from review_api.idempotency import save_once
from review_api.models import Review
from review_api.operations import describe
from review_api.problems import Problem
from review_api.schemas import NewReview, NewReviewForm, ReviewFilter, SavedReview
from review_api.settings import current_settings

if TYPE_CHECKING:
    from peewee import ModelSelect

blueprint = Blueprint("reviews", __name__)

COLUMNS = [getattr(Review, name) for name in SavedReview.model_fields]
SAVED_REVIEWS = TypeAdapter(list[SavedReview])
MEDIA_TYPES = {
    "json": "application/json",
    "csv": "text/csv",
    "ndjson": "application/x-ndjson",
}

WORDS_QUERY = "(nullif(plainto_tsquery('simple', %s)::text, '') || ':*')::tsquery"
"""All the words, of which the last may be a beginning; a text without words matches nothing."""


@blueprint.post("/api/review")
@describe(
    "Save a review; it is scored later.",
    json=NewReview,
    form=NewReviewForm,
    answer=SavedReview,
    request_headers=(("Idempotency-Key", "The same review under the same key is stored once."),),
    problems=(400, 401, 413, 415, 422, 429, 503),
)
def save_review() -> Response:
    """Answer with the saved row."""
    attested = caller().may("reviews:attest")
    review = read_json_or_form(NewReview, NewReviewForm)
    address = client_address(review.ip_address)
    if address is not None or not attested:
        limits.spend(f"write:{addresses.counted(address)}", current_settings().writes_per_minute)
    answer = save_once(review, lambda: _save(review, address))
    return Response(answer, mimetype="application/json")


def _save(review: NewReview | NewReviewForm, address: addresses.Address | None) -> SavedReview:
    row = review.model_dump() | {
        "ip_address": addresses.kept(address, current_settings().client_address)
    }
    (saved,) = Review.insert(row).returning(*COLUMNS).dicts().execute()
    metrics.REVIEWS.inc()
    return SavedReview.model_validate(saved)


@blueprint.get("/api/reviews")
@describe(
    "List reviews by page, or stream all that match as CSV or NDJSON.",
    query=ReviewFilter,
    scope="reviews:read",
    answer=list[SavedReview],
    media_types=tuple(MEDIA_TYPES.values()),
    headers=(
        ("Link", "The next and the previous page (RFC 8288)."),
        ("X-Total-Count", "How many reviews match."),
        ("X-Total-Count-Exact", "false: at least that many match."),
    ),
    problems=(400, 401, 403, 503),
)
def list_reviews() -> Response:
    """Answer with a page, or with a stream of everything."""
    wanted = ReviewFilter.from_query(request.args.to_dict(flat=False))
    media_type = _media_type(wanted)
    if media_type == MEDIA_TYPES["json"]:
        return _page(wanted)
    return export.stream(paging.ordered(matching(wanted), wanted.sort), media_type)


def _media_type(wanted: ReviewFilter) -> str:
    """Return what the query asks for, else what the Accept header prefers, else JSON."""
    if wanted.format:
        return MEDIA_TYPES[wanted.format]
    accepted = request.accept_mimetypes.best_match(list(MEDIA_TYPES.values()))
    return accepted or MEDIA_TYPES["json"]


def _page(wanted: ReviewFilter) -> Response:
    query = matching(wanted)
    page = paging.read_page(query, wanted.sort, wanted.cursor, wanted.limit)
    total = paging.count_matching(query) if conditions(wanted) else paging.count_all()
    body = SAVED_REVIEWS.dump_json(SAVED_REVIEWS.validate_python(page.rows))
    answer = Response(body, mimetype="application/json")
    answer.headers["X-Total-Count"] = str(total.rows)
    answer.headers["X-Total-Count-Exact"] = str(total.exact).lower()
    if links := page.links(request.path, list(request.args.items(multi=True))):
        answer.headers["Link"] = links
    return answer


def matching(wanted: ReviewFilter) -> ModelSelect[Review]:
    """Return the query of the reviews that meet all conditions of a filter."""
    query = Review.select(*COLUMNS)
    found = conditions(wanted)
    return query.where(*found) if found else query


def conditions(wanted: ReviewFilter) -> list[Any]:
    """Return the conditions of a filter."""
    given = {
        "brand": fn.lower(Review.brand) == fn.lower(wanted.brand),
        "rating": Review.rating.in_(wanted.rating),
        "since": Review.created_date >= wanted.since,
        "until": Review.created_date < SQL("%s::date + 1", [wanted.until]),
        "text": Expression(SQL("words"), "@@", SQL(WORDS_QUERY, [wanted.text])),
        "model_version": Review.model_version == wanted.model_version,
    }
    return [condition for name, condition in given.items() if getattr(wanted, name)]


@blueprint.delete("/api/reviews/<int(max=9223372036854775807):review_id>")
@describe("Delete a review for good.", scope="admin", status=204, problems=(401, 403, 404, 503))
def delete_review(review_id: int) -> Response:
    """Delete a review, also from the answers kept for idempotency."""
    if not Review.delete().where(Review.id == review_id).execute():
        raise Problem(404, "there is no such review")
    return Response(status=204)
