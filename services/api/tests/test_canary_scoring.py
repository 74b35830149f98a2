"""The worker asks the model that a review's writer sees, and measures what it asks."""

import pytest

from review_api import worker
from review_api.model_server import ModelServer, ModelUnavailableError
from review_api.models import ModelCallCount, Review, ShadowScore
from review_api.scoring import Scorer

pytestmark = pytest.mark.integration


@pytest.fixture
def scorer(model, canary_model):
    return Scorer(ModelServer(model.url, timeout=5), ModelServer(canary_model.url, timeout=5))


@pytest.fixture
def save(db):
    """Return a function that saves a review for each bucket."""

    def save(*buckets, rating=5):
        rows = [
            {"review": f"review {bucket}", "rating": rating, "brand": "Acme"}
            | {"visitor_bucket": bucket}
            for bucket in buckets
        ]
        with db.atomic():
            Review.insert_many(rows).execute()

    return save


def score_all(scorer):
    while worker.score_next(scorer):
        pass


def versions_by_bucket():
    return dict(Review.select(Review.visitor_bucket, Review.model_version).tuples())


def calls():
    """Return the calls by version, role and whether they were answered."""
    counted = {}
    for one in ModelCallCount.select():
        key = (one.version, one.role, one.bucket >= 0)
        counted[key] = counted.get(key, 0) + one.calls
    return counted


def test_buckets_below_the_weight_go_to_the_canary_and_all_others_to_production(
    canary_at, save, scorer
):
    canary_at(weight=500)
    save(0, 499, 500, 9999, None)
    score_all(scorer)
    assert versions_by_bucket() == {0: "1.1", 499: "1.1", 500: "1.0", 9999: "1.0", None: "1.0"}
    assert calls() == {("1.1", "canary", True): 2, ("1.0", "production", True): 3}


def test_without_weight_or_without_a_canary_everything_goes_to_production(
    canary_at, save, scorer, client, bearer
):
    canary_at(weight=0)
    save(0)
    score_all(scorer)
    canary_at(weight=10_000)
    headers = bearer("models:write")
    assert client.delete("/api/model-aliases/canary", headers=headers).status_code == 204
    save(1)
    score_all(scorer)
    assert versions_by_bucket() == {0: "1.0", 1: "1.0"}


@pytest.mark.parametrize("status", [500, 400, 503])
def test_where_the_canary_fails_production_answers_and_the_canary_is_to_blame(
    canary_at, save, scorer, canary_model, status
):
    canary_at(weight=10_000)
    canary_model.status = lambda _: status
    save(3)
    score_all(scorer)
    assert versions_by_bucket() == {3: "1.0"}
    assert calls() == {("1.1", "canary", False): 1, ("1.0", "production", True): 1}


def test_a_text_that_both_refuse_is_nobodys_failure(canary_at, save, scorer, model, canary_model):
    canary_at(weight=10_000, shadow=10_000)
    model.status = canary_model.status = lambda _: 400
    save(3, None)
    score_all(scorer)
    assert {one.scoring_error for one in Review.select()} == {"no text"}
    assert calls() == {}


def test_where_both_fail_the_review_waits_and_both_failures_are_counted(
    canary_at, save, scorer, model, canary_model
):
    canary_at(weight=10_000)
    model.status = canary_model.status = lambda _: 500
    save(3)
    with pytest.raises(ModelUnavailableError):
        score_all(scorer)
    assert calls() == {("1.1", "canary", False): 1, ("1.0", "production", False): 1}
    assert Review.get().model_score is None


def test_the_canary_scores_a_part_of_the_other_reviews_unseen(
    canary_at, save, scorer, canary_model
):
    canary_at(weight=500, shadow=5000)
    canary_model.score = lambda _: 0.1
    save(*range(9900, 9960), 3)
    score_all(scorer)
    assert set(versions_by_bucket().values()) == {"1.0", "1.1"}
    shadows = list(ShadowScore.select())
    assert 15 <= len(shadows) <= 45
    assert {(one.version, one.score) for one in shadows} == {("1.1", 0.1)}
    assert Review.get(Review.visitor_bucket == 3).id not in {one.review_id for one in shadows}
    assert calls()["1.1", "shadow", True] == len(shadows)


def test_a_shadow_that_fails_harms_nothing_but_its_own_record(
    canary_at, save, scorer, canary_model
):
    canary_at(shadow=10_000)
    canary_model.status = lambda _: 500
    save(1, 2)
    score_all(scorer)
    assert versions_by_bucket() == {1: "1.0", 2: "1.0"}
    assert calls()["1.1", "shadow", False] == 2
    assert ShadowScore.select().count() == 0


def test_what_a_server_says_that_does_not_serve_the_canary_yet_is_not_the_canarys(
    canary_at, save, scorer, canary_model
):
    canary_at(weight=5000, shadow=10_000)
    canary_model.version = "1.0"
    save(1, 9999)
    score_all(scorer)
    assert ShadowScore.select().count() == 0
    assert {version for version, *_ in calls()} == {"1.0"}


def test_a_deleted_review_takes_its_shadow_along(canary_at, save, scorer, client, bearer):
    canary_at(shadow=10_000)
    save(1)
    score_all(scorer)
    review = Review.get()
    assert ShadowScore.select().count() == 1
    client.delete(f"/api/reviews/{review.id}", headers=bearer("admin"))
    assert ShadowScore.select().count() == 0


def test_a_bucket_is_kept_only_from_who_may_state_it(client, bearer):
    review = {"review": "fine", "rating": 4, "brand": "Acme", "visitor_bucket": 77}
    assert client.post("/api/review", json=review).status_code == 200
    assert Review.get().visitor_bucket is None
    answer = client.post("/api/review", json=review, headers=bearer("reviews:attest"))
    assert answer.status_code == 200
    assert Review.select().where(Review.visitor_bucket == 77).count() == 1
    for bucket in (-1, 10_000, "1"):
        answer = client.post("/api/review", json=review | {"visitor_bucket": bucket})
        assert answer.status_code == 400


def test_the_comparison_tells_versions_apart_by_what_people_said(
    canary_at, save, scorer, model, canary_model, client, bearer
):
    canary_at(weight=5000)
    model.score = lambda _: 0.95
    canary_model.score = lambda review: 0.05 if review == "review 1" else 1.0
    save(1, 2, rating=1)
    save(9997, 9998, rating=4)
    score_all(scorer)
    canary_model.status = lambda _: 500
    save(3, rating=3)
    score_all(scorer)
    answer = client.get("/api/model-comparison", headers=bearer("models:read"))
    production, canary = answer.json["versions"]
    latencies = [one.pop(name) for one in (production, canary) for name in ("p50_ms", "p99_ms")]
    assert all(0 < latency < 10_000 for latency in latencies)
    assert production == {
        "version": "1.0",
        "role": "production",
        "answers": 3,
        "failures": 0,
        "success_rate": 1.0,
        "rated": 3,
        "agreement": pytest.approx(2 / 3),
        "scores": [0, 0, 0, 0, 0, 0, 0, 0, 0, 3],
    }
    assert canary == {
        "version": "1.1",
        "role": "canary",
        "answers": 2,
        "failures": 1,
        "success_rate": pytest.approx(2 / 3),
        "rated": 2,
        "agreement": 0.5,
        "scores": [1, 0, 0, 0, 0, 0, 0, 0, 0, 1],
    }


def test_the_comparison_shows_the_shadow_apart_and_only_since_a_time(
    canary_at, save, scorer, client, bearer
):
    canary_at(shadow=10_000)
    save(1)
    score_all(scorer)
    headers = bearer("models:read")
    compared = client.get("/api/model-comparison", headers=headers).json["versions"]
    assert [(one["version"], one["role"], one["rated"]) for one in compared] == [
        ("1.0", "production", 1),
        ("1.1", "canary", 0),
        ("1.1", "shadow", 1),
    ]
    later = {"since": "2999-01-01T00:00:00Z"}
    answer = client.get("/api/model-comparison", query_string=later, headers=headers)
    assert [(one["role"], one["answers"], one["rated"]) for one in answer.json["versions"]] == [
        ("production", 0, 0),
        ("canary", 0, 0),
    ]
    for wrong in ("yesterday", "1e9", "2026-01-01"):
        query = {"since": wrong}
        answer = client.get("/api/model-comparison", query_string=query, headers=headers)
        assert answer.status_code == 400
