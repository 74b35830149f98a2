"""The calls of the 2019 application answer as they did."""

import pytest

pytestmark = pytest.mark.integration

FORM = {
    "review": "great shoes",
    "rating": "5",
    "suggested_rating": "4",
    "sentiment_score": "0.81",
    "brand": "Nike",
    "user_agent": "Mozilla/5.0",
    "ip_address": "203.0.113.7",
}


def test_predict_answers_a_form_with_a_bare_number(client):
    answer = client.post("/api/predict", data={"review": "great"})
    assert (answer.status_code, answer.get_data(as_text=True).strip()) == (200, "0.93")


def test_predict_answers_json_with_a_bare_number(client):
    assert client.post("/api/predict", json={"review": "great"}).json == 0.93


@pytest.mark.parametrize("body", [{}, {"data": {"text": "x"}}, {"json": {}}])
def test_predict_without_a_review_says_so_as_in_2019(client, body):
    answer = client.post("/api/predict", **body)
    assert (answer.status_code, answer.json["error"]) == (400, "no review in body")


def test_a_form_with_all_seven_fields_is_saved_and_returned(client):
    saved = client.post("/api/review", data=FORM)
    assert saved.status_code == 200
    assert saved.json["id"] > 0
    assert saved.json["created_date"].endswith("Z")
    expected = {
        "review": "great shoes",
        "rating": 5,
        "suggested_rating": 4,
        "sentiment_score": 0.81,
        "brand": "Nike",
        "user_agent": "Mozilla/5.0",
    }
    assert expected.items() <= saved.json.items()


@pytest.mark.parametrize("missing", FORM)
def test_a_form_without_one_of_the_seven_fields_is_refused(client, missing):
    answer = client.post("/api/review", data={k: v for k, v in FORM.items() if k != missing})
    assert answer.status_code == 400
    assert answer.json["errors"] == [{"field": missing, "detail": "Field required"}]


def test_a_multipart_form_is_saved_too(client):
    answer = client.post("/api/review", data=FORM, content_type="multipart/form-data")
    assert answer.status_code == 200


def test_json_needs_only_review_rating_and_brand(client):
    saved = client.post("/api/review", json={"review": "fine", "rating": 3, "brand": "Acme"})
    assert saved.status_code == 200
    assert saved.json["sentiment_score"] is None


def test_reviews_are_a_list_newest_first(client, reader):
    for review in ("first", "second"):
        client.post("/api/review", data=FORM | {"review": review})
    listed = client.get("/api/reviews", headers=reader)
    assert [row["review"] for row in listed.json] == ["second", "first"]
    assert FORM.keys() <= listed.json[0].keys()
    assert listed.headers["Cache-Control"] == "no-store"
