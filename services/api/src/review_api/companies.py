"""``/api/companies``: what reviews are written about, and what the scraper finds of it."""

from flask import Blueprint, Response, jsonify, request
from peewee import fn
from pydantic import AwareDatetime, TypeAdapter

from review_api import batches, lists, models
from review_api.bodies import read_json
from review_api.operations import describe
from review_api.paging import Listing, Order
from review_api.problems import Problem
from review_api.schemas import Text
from review_api.scraped_schemas import (
    BatchOutcome,
    Company,
    CompanyBatch,
    CompanyFilter,
    SavedCompany,
)

blueprint = Blueprint("companies", __name__)

KEY = ("site", "url")
CONTENT = ("name", "website", "logo_url", "category", "sub_category")

COMPANIES = Listing(
    "companies",
    models.Company,
    SavedCompany,
    {
        "name": Order(fn.lower(models.Company.name), TypeAdapter(Text)),
        "stored_date": Order(models.Company.stored_date, TypeAdapter(AwareDatetime)),
    },
)


@blueprint.put("/api/companies")
@describe(
    "Keep companies that were found on a site, by site and address.",
    json=CompanyBatch,
    answer=BatchOutcome,
    scope="scrape:write",
    problems=(400, 401, 403, 413, 415, 503),
)
def put_companies() -> Response:
    """Answer with what was new or changed."""
    batch = read_json(CompanyBatch, batches.LARGEST)
    rows = [one.model_dump(mode="json") | {"website": one.website or ""} for one in batch.companies]
    return jsonify(batches.store(models.Company, rows, KEY, CONTENT).model_dump())


@blueprint.get("/api/companies")
@describe(
    "List companies by page, or stream all that match as CSV or NDJSON.",
    query=CompanyFilter,
    scope="reviews:read",
    answer=list[SavedCompany],
    **lists.LISTED,
)
def list_companies() -> Response:
    """Answer with a page, or with a stream of everything."""
    wanted = CompanyFilter.from_query(request.args.to_dict(flat=False))
    return lists.answer(COMPANIES, wanted, {"site": models.Company.site == wanted.site})


@blueprint.get("/api/companies/random")
@describe("A company chosen at random.", answer=Company, problems=(404, 503))
def random_company() -> Response:
    """Answer with one company, never from a cache."""
    company = models.Company.select().order_by(fn.random()).first()
    if company is None:
        raise Problem(404, "there are no companies")
    answer = jsonify(Company.model_validate(company).model_dump())
    answer.headers["Cache-Control"] = "no-store"
    return answer
