"""``POST /api/predict``: the model's score of a text, as in 2019."""

from flask import Blueprint, Response, current_app, jsonify
from pydantic import ValidationError

from review_api import addresses, limits
from review_api.bodies import read_json_or_form
from review_api.logs import request_id
from review_api.model_server import ModelServer, ModelUnavailableError, ReviewRefusedError
from review_api.operations import describe
from review_api.problems import Problem, invalid, unavailable
from review_api.schemas import PredictionForm, PredictionRequest, Score
from review_api.settings import current_settings

blueprint = Blueprint("predictions", __name__)


@blueprint.post("/api/predict")
@describe(
    "Score a text with the model; the answer is a bare number from 0 (bad) to 1 (good).",
    json=PredictionRequest,
    form=PredictionForm,
    answer=Score,
    problems=(400, 413, 415, 429, 503),
)
def predict() -> Response:
    """Answer with the score as a bare JSON number."""
    limits.spend(
        f"predict:{addresses.counted(addresses.connection_address())}",
        current_settings().predictions_per_minute,
    )
    return jsonify(_score(_review()))


def _review() -> str:
    try:
        return read_json_or_form(PredictionRequest, PredictionForm).review
    except ValidationError as error:
        if any(one["type"] == "missing" for one in error.errors()):
            raise Problem(400, "no review in body", errors=invalid(error).errors) from None
        raise


def _score(review: str) -> float:
    model: ModelServer = current_app.extensions["model_server"]
    try:
        return model.predict(review, request_id()).score
    except ReviewRefusedError as error:
        raise Problem(400, str(error)) from None
    except ModelUnavailableError as error:
        raise unavailable(str(error)) from None
