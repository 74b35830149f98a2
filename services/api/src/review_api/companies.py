"""``GET /api/companies/random``: something to write a review about."""

from flask import Blueprint, Response, jsonify
from peewee import fn

from review_api import models, schemas
from review_api.operations import describe
from review_api.problems import Problem

blueprint = Blueprint("companies", __name__)


@blueprint.get("/api/companies/random")
@describe("A company chosen at random.", answer=schemas.Company, problems=(404, 503))
def random_company() -> Response:
    """Answer with one company, never from a cache."""
    company = models.Company.select().order_by(fn.random()).first()
    if company is None:
        raise Problem(404, "there are no companies")
    answer = jsonify(schemas.Company.model_validate(company).model_dump())
    answer.headers["Cache-Control"] = "no-store"
    return answer
