"""Saving and deleting reviews: what is stored, of whom, and what is refused."""

import pytest

from review_api.models import IdempotencyKey, Review

pytestmark = pytest.mark.integration

REVIEW = {"review": "fine", "rating": 3, "brand": "Acme"}


def test_text_of_any_script_is_stored_as_written(client):
    text = "  ½ 🙂 שלום\r\n\tno\u200bspace \ufffe "
    assert client.post("/api/review", json=REVIEW | {"review": text}).json["review"] == text


def test_what_the_writer_was_shown_is_kept_as_a_claim(client):
    claims = {"suggested_rating": 2, "sentiment_score": 0.25, "shown_version": "7"}
    saved = client.post("/api/review", json=REVIEW | claims).json
    assert claims.items() <= saved.items()
    assert (saved["model_score"], saved["model_version"], saved["scored_date"]) == (None,) * 3


def test_a_refusal_is_a_problem_with_a_reason_for_each_field(client):
    answer = client.post("/api/review", json={"review": "x", "rating": 9, "id": 1})
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    assert answer.json["error"] == answer.json["detail"]
    assert {error["field"] for error in answer.json["errors"]} == {"rating", "brand", "id"}
    assert Review.select().count() == 0


def test_a_form_that_is_not_utf8_is_refused(client):
    answer = client.post(
        "/api/review",
        data=b"review=%ff&rating=3",
        content_type="application/x-www-form-urlencoded",
    )
    assert (answer.status_code, answer.json["error"]) == (400, "the form is not UTF-8")


def test_a_form_field_given_twice_is_refused(client):
    answer = client.post(
        "/api/review", data="review=a&review=b", content_type="application/x-www-form-urlencoded"
    )
    assert (answer.status_code, answer.json["error"]) == (400, "a form field is given twice")


def test_another_content_type_is_refused(client):
    answer = client.post("/api/review", data="review=x", content_type="text/plain")
    assert answer.status_code == 415


def test_a_body_over_the_limit_is_refused(client):
    answer = client.post("/api/review", json=REVIEW | {"review": "x" * 300_000})
    assert answer.status_code == 413


class TestClientAddresses:
    def test_the_connection_counts_not_what_anybody_states(self, client):
        saved = client.post("/api/review", json=REVIEW | {"ip_address": "203.0.113.7"})
        assert saved.json["ip_address"] == "127.0.0.1"

    def test_a_caller_who_may_attest_states_it(self, client, bearer):
        body = REVIEW | {"ip_address": "203.0.113.7"}
        saved = client.post("/api/review", json=body, headers=bearer("reviews:attest"))
        assert saved.json["ip_address"] == "203.0.113.7"

    def test_a_caller_who_attests_nonsense_is_told(self, client, bearer):
        body = REVIEW | {"ip_address": "here"}
        answer = client.post("/api/review", json=body, headers=bearer("reviews:attest"))
        assert answer.json["errors"][0]["field"] == "ip_address"

    @pytest.mark.parametrize(
        ("proxies", "forwarded", "expected"),
        [
            (0, "198.51.100.1", "127.0.0.1"),
            (1, "198.51.100.1", "198.51.100.1"),
            (1, "6.6.6.6, 198.51.100.1", "198.51.100.1"),
            (2, "6.6.6.6, 198.51.100.1, 10.0.0.1", "198.51.100.1"),
            (2, "198.51.100.1", "127.0.0.1"),
            (1, "nonsense", None),
        ],
    )
    def test_exactly_the_trusted_proxies_are_believed(self, make_app, proxies, forwarded, expected):
        client = make_app(trusted_proxies=proxies).test_client()
        saved = client.post("/api/review", json=REVIEW, headers={"X-Forwarded-For": forwarded})
        assert saved.json["ip_address"] == expected

    @pytest.mark.parametrize(
        ("policy", "expected"), [("truncated", "127.0.0.0"), ("none", None), ("full", "127.0.0.1")]
    )
    def test_the_setting_says_what_is_kept(self, make_app, policy, expected):
        client = make_app(client_address=policy).test_client()
        assert client.post("/api/review", json=REVIEW).json["ip_address"] == expected


def test_deleting_leaves_nothing_of_a_review(client, admin_client):
    saved = client.post("/api/review", json=REVIEW, headers={"Idempotency-Key": "k"}).json
    assert admin_client.delete(f"/api/reviews/{saved['id']}").status_code == 204
    assert Review.select().count() == IdempotencyKey.select().count() == 0
    assert admin_client.delete(f"/api/reviews/{saved['id']}").status_code == 404
    assert admin_client.get("/api/reviews").json == []


def test_a_company_is_chosen_at_random(client):
    names = {client.get("/api/companies/random").json["name"] for _ in range(30)}
    assert len(names) > 5
