"""``/api/review`` and ``/api/reviews``: save, list, export and delete reviews."""

from __future__ import annotations

from typing import Annotated

from flask import Blueprint, Response, request
from peewee import SQL, fn
from pydantic import AwareDatetime, Field, TypeAdapter

from review_api import addresses, limits, lists, metrics, senders
from review_api.access import caller, client_address
from review_api.bodies import read_json_or_form
from review_api.idempotency import save_once
from review_api.models import Review
from review_api.operations import describe
from review_api.paging import Listing, Order
from review_api.problems import Problem
from review_api.schemas import NewReview, NewReviewForm, Rating, ReviewFilter, SavedReview, Text
from review_api.settings import current_settings
from review_api.words import contains_words

blueprint = Blueprint("reviews", __name__)

REVIEWS = Listing(
    "reviews",
    Review,
    SavedReview,
    {
        "created_date": Order(Review.created_date, TypeAdapter(AwareDatetime)),
        "rating": Order(Review.rating, TypeAdapter(Rating)),
        "model_score": Order(
            fn.coalesce(Review.model_score, -1), TypeAdapter(Annotated[float, Field(ge=-1, le=1)])
        ),
        "brand": Order(fn.lower(Review.brand), TypeAdapter(Text)),
    },
)


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
    settings = current_settings()
    row = review.model_dump() | {
        "ip_address": addresses.kept(address, settings.client_address),
        "sender": senders.sender_of(address) if settings.training_address_cap else None,
    }
    if not caller().may("reviews:attest"):
        row["visitor_bucket"] = None
    columns = (getattr(Review, name) for name in SavedReview.model_fields)
    (saved,) = Review.insert(row).returning(*columns).dicts().execute()
    metrics.REVIEWS.inc()
    return SavedReview.model_validate(saved)


@blueprint.get("/api/reviews")
@describe(
    "List reviews by page, or stream all that match as CSV or NDJSON.",
    query=ReviewFilter,
    scope="reviews:read",
    answer=list[SavedReview],
    **lists.LISTED,
)
def list_reviews() -> Response:
    """Answer with a page, or with a stream of everything."""
    wanted = ReviewFilter.from_query(request.args.to_dict(flat=False))
    conditions = {
        "brand": fn.lower(Review.brand) == fn.lower(wanted.brand),
        "rating": Review.rating.in_(wanted.rating),
        "since": Review.created_date >= wanted.since,
        "until": Review.created_date < SQL("%s::date + 1", [wanted.until]),
        "text": contains_words(wanted.text),
        "model_version": Review.model_version == wanted.model_version,
    }
    return lists.answer(REVIEWS, wanted, conditions)


@blueprint.delete("/api/reviews/<int(max=9223372036854775807):review_id>")
@describe("Delete a review for good.", scope="admin", status=204, problems=(401, 403, 404, 503))
def delete_review(review_id: int) -> Response:
    """Delete a review, also from the answers kept for idempotency."""
    if not Review.delete().where(Review.id == review_id).execute():
        raise Problem(404, "there is no such review")
    return Response(status=204)
