"""The client of TorchServe against a real HTTP server."""

import pytest

from review_api.model_server import (
    ModelServer,
    ModelUnavailableError,
    Prediction,
    ReviewRefusedError,
)

pytestmark = pytest.mark.integration


def test_a_score_comes_with_its_version_and_the_request_id_travels(model):
    answer = ModelServer(model.url, 5).predict("great", "id-7")
    assert answer == Prediction(score=0.93, model_version="1.0")
    assert model.asked == [("great", "id-7")]


def test_a_refusal_has_the_models_reason(model):
    model.status = lambda _review: 400
    with pytest.raises(ReviewRefusedError, match="no text"):
        ModelServer(model.url, 5).predict("")


@pytest.mark.parametrize("status", [404, 500, 503, 302])
def test_any_other_answer_is_no_answer_for_now(model, status):
    model.status = lambda _review: status
    with pytest.raises(ModelUnavailableError) as caught:
        ModelServer(model.url, 5).predict("great")
    assert caught.value.answered


def test_a_connection_that_closes_unanswered_is_followed_by_one_more_call(model):
    def close_once(_review):
        if len(model.asked) == 1:
            raise ConnectionAbortedError
        return 200

    model.status = close_once
    assert ModelServer(model.url, 5).predict("great").score == 0.93
    assert len(model.asked) == 2


def test_two_that_close_are_no_answer_for_now(model):
    def close(_review):
        raise ConnectionAbortedError

    model.status = close
    with pytest.raises(ModelUnavailableError) as caught:
        ModelServer(model.url, 5).predict("great")
    assert not caught.value.answered
    assert len(model.asked) == 2


def test_no_server_is_no_answer_for_now():
    with pytest.raises(ModelUnavailableError) as caught:
        ModelServer("http://127.0.0.1:9", 5).predict("great")
    assert not caught.value.answered


class TestPredictions:
    def test_no_model_server_is_503_with_a_time_to_return(self, make_app):
        client = make_app(model_server_url="http://127.0.0.1:9").test_client()
        answer = client.post("/api/predict", data={"review": "great"})
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        saved = client.post("/api/review", json={"review": "x", "rating": 1, "brand": "Acme"})
        assert saved.status_code == 200

    def test_the_models_refusal_is_400(self, client, model):
        model.status = lambda _review: 400
        answer = client.post("/api/predict", data={"review": "great"})
        assert (answer.status_code, answer.json["error"]) == (400, "no text")

    def test_the_callers_request_id_reaches_the_model(self, client, model):
        headers = {"X-Request-ID": "abc-1"}
        answer = client.post("/api/predict", data={"review": "great"}, headers=headers)
        assert answer.headers["X-Request-ID"] == "abc-1"
        assert model.asked == [("great", "abc-1")]
