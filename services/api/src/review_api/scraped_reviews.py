"""``/api/scraped-reviews``: what the scraper found; kept once, listed, deleted for good."""

from datetime import date

from flask import Blueprint, Response, jsonify, request
from peewee import fn
from pydantic import AwareDatetime, TypeAdapter

from review_api import batches, lists
from review_api.bodies import read_json
from review_api.models import ScrapedReview
from review_api.operations import describe
from review_api.paging import Listing, Order
from review_api.problems import Problem
from review_api.schemas import Rating, Text
from review_api.scraped_schemas import (
    BatchOutcome,
    SavedScrapedReview,
    ScrapedReviewBatch,
    ScrapedReviewFilter,
)
from review_api.words import contains_words

blueprint = Blueprint("scraped_reviews", __name__)

KEY = ("site", "site_id")
CONTENT = ("company_url", "company", "title", "text", "rating", "date", "language")

DAY = fn.coalesce(ScrapedReview.date, date.min)

SCRAPED_REVIEWS = Listing(
    "scraped-reviews",
    ScrapedReview,
    SavedScrapedReview,
    {
        "stored_date": Order(ScrapedReview.stored_date, TypeAdapter(AwareDatetime)),
        "date": Order(DAY, TypeAdapter(date)),
        "rating": Order(ScrapedReview.rating, TypeAdapter(Rating)),
        "company": Order(fn.lower(ScrapedReview.company), TypeAdapter(Text)),
    },
)


@blueprint.post("/api/scraped-reviews")
@describe(
    "Keep reviews that were found on a site, by site and the id there.",
    json=ScrapedReviewBatch,
    answer=BatchOutcome,
    scope="scrape:write",
    problems=(400, 401, 403, 413, 415, 503),
)
def keep_scraped_reviews() -> Response:
    """Answer with what was new or changed; another page of the same site is no change."""
    batch = read_json(ScrapedReviewBatch, batches.LARGEST)
    rows = [one.model_dump(mode="json") for one in batch.reviews]
    outcome = batches.store(ScrapedReview, rows, KEY, CONTENT, more=("page_url",))
    return jsonify(outcome.model_dump())


@blueprint.get("/api/scraped-reviews")
@describe(
    "List scraped reviews by page, or stream all that match as CSV or NDJSON.",
    query=ScrapedReviewFilter,
    scope="reviews:read",
    answer=list[SavedScrapedReview],
    **lists.LISTED,
)
def list_scraped_reviews() -> Response:
    """Answer with a page, or with a stream of everything."""
    wanted = ScrapedReviewFilter.from_query(request.args.to_dict(flat=False))
    conditions = {
        "site": ScrapedReview.site == wanted.site,
        "company": fn.lower(ScrapedReview.company) == fn.lower(wanted.company),
        "rating": ScrapedReview.rating.in_(wanted.rating),
        "since": wanted.since <= DAY,
        "until": wanted.until >= DAY,
        "text": contains_words(wanted.text),
    }
    return lists.answer(SCRAPED_REVIEWS, wanted, conditions)


@blueprint.delete("/api/scraped-reviews/<int(max=9223372036854775807):review_id>")
@describe(
    "Delete a scraped review for good; it does not come back when it is found again.",
    scope="admin",
    status=204,
    problems=(401, 403, 404, 503),
)
def delete_scraped_review(review_id: int) -> Response:
    """Delete a scraped review with all that it ever said."""
    if not ScrapedReview.delete().where(ScrapedReview.id == review_id).execute():
        raise Problem(404, "there is no such review")
    return Response(status=204)
