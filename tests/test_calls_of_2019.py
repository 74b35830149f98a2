"""The three calls of the 2019 application, on the whole product, as its old client makes them."""

import pytest
import requests

pytestmark = pytest.mark.integration

FORM = {
    "review": "Great service, arrived on time",
    "rating": "5",
    "suggested_rating": "5",
    "sentiment_score": "0.93",
    "brand": "Acme",
    "user_agent": "an old client",
    "ip_address": "203.0.113.9",
}


@pytest.fixture
def api(product):
    return product.url("API_PORT")


def test_predict_answers_a_bare_number(product, api):
    answer = requests.post(f"{api}/api/predict", data={"review": FORM["review"]})
    served = requests.post(
        f"{product.url('MODEL_PORT')}/predictions/sentiment", data={"review": FORM["review"]}
    )
    assert answer.status_code == 200
    assert answer.json() == pytest.approx(served.json()["score"], abs=1e-6)


def test_predict_without_a_review_says_so(api):
    answer = requests.post(f"{api}/api/predict")
    assert answer.status_code == 400
    assert answer.json()["error"] == "no review in body"


def test_a_review_is_saved_and_answered_as_a_row(api):
    row = requests.post(f"{api}/api/review", data=FORM).json()
    assert row["id"] > 0
    assert row["created_date"]
    assert (row["review"], row["rating"], row["brand"]) == (FORM["review"], 5, "Acme")
    assert (row["suggested_rating"], row["sentiment_score"]) == (5, 0.93)
    assert row["ip_address"] == "127.0.0.1"


def test_reviews_are_a_list_newest_first_for_who_may_read_them(product, api):
    first, second = (requests.post(f"{api}/api/review", data=FORM).json()["id"] for _ in range(2))
    assert requests.get(f"{api}/api/reviews").status_code == 401
    listed = product.log_in().get(f"{api}/api/reviews").json()
    assert [row["id"] for row in listed[:2]] == [second, first]
