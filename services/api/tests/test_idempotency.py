"""A review sent twice under one key is stored once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from review_api.models import Review

pytestmark = pytest.mark.integration

REVIEW = {"review": "fine", "rating": 3, "brand": "Acme"}
KEY = {"Idempotency-Key": "one"}


def test_the_same_review_again_gets_the_same_answer(client):
    first, second = (client.post("/api/review", json=REVIEW, headers=KEY) for _ in range(2))
    assert first.status_code == second.status_code == 200
    assert first.data == second.data
    assert Review.select().count() == 1


def test_fields_in_another_order_are_the_same_review(client):
    bodies = [REVIEW, dict(reversed(REVIEW.items()))]
    ids = {client.post("/api/review", json=body, headers=KEY).json["id"] for body in bodies}
    assert len(ids) == 1


def test_another_review_under_the_key_is_refused(client):
    client.post("/api/review", json=REVIEW, headers=KEY)
    answer = client.post("/api/review", json=REVIEW | {"rating": 4}, headers=KEY)
    assert answer.status_code == 422
    assert Review.select().count() == 1


def test_without_a_key_every_review_is_stored(client):
    for _ in range(2):
        client.post("/api/review", json=REVIEW)
    assert Review.select().count() == 2


def test_a_refused_review_does_not_use_up_its_key(client):
    assert client.post("/api/review", json={}, headers=KEY).status_code == 400
    assert client.post("/api/review", json=REVIEW, headers=KEY).status_code == 200


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "é"])
def test_a_malformed_key_is_refused(client, key):
    headers = {"Idempotency-Key": key}
    assert client.post("/api/review", json=REVIEW, headers=headers).status_code == 400


def test_duplicates_at_the_same_time_are_stored_once(app):
    def post(number):
        headers = {"Idempotency-Key": f"key-{number // 8}"}
        return app.test_client().post("/api/review", json=REVIEW, headers=headers)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(post, range(40)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json["id"] for answer in answers}) == Review.select().count() == 5
