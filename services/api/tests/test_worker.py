"""Scoring after the fact: every review once, none lost, none tried for ever."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from review_api import database, housekeeping, worker
from review_api.model_server import ModelServer, ModelUnavailableError
from review_api.models import IdempotencyKey, RequestLimit, Review, Session, Token

pytestmark = pytest.mark.integration


@pytest.fixture
def server(model):
    return ModelServer(model.url, timeout=5)


@pytest.fixture(autouse=True)
def reviews(db):
    rows = [{"review": f"review {i}", "rating": 3, "brand": "Acme"} for i in range(6)]
    with db.atomic():
        Review.insert_many(rows).execute()


def scored():
    return Review.select().where(Review.model_score.is_null(is_null=False)).count()


def test_a_review_gets_score_version_and_date_and_keeps_its_claims(server):
    Review.update(sentiment_score=0.1).execute()
    assert worker.score_waiting(server, threading.Event()) == 6
    review = Review.select().first()
    assert (review.model_score, review.model_version) == (0.93, "1.0")
    assert review.scored_date > review.created_date
    assert review.sentiment_score == 0.1


def test_workers_at_the_same_time_score_each_review_once(server, model):
    def work(_):
        try:
            return worker.score_waiting(server, threading.Event())
        finally:
            database.give_back()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 6
    assert len(model.asked) == len({review for review, _ in model.asked}) == 6


def test_a_review_that_the_model_refuses_is_tried_once(server, model):
    model.status = lambda review: 400 if review == "review 2" else 200
    for _ in range(2):
        worker.score_waiting(server, threading.Event())
    assert [review for review, _ in model.asked].count("review 2") == 1
    refused = Review.get(Review.review == "review 2")
    assert (refused.model_score, refused.scoring_error) == (None, "no text")
    assert scored() == 5


def test_a_review_that_the_model_stumbles_over_goes_to_the_end_of_the_line(server, model):
    model.status = lambda review: 500 if review == "review 0" else 200
    with pytest.raises(ModelUnavailableError):
        worker.score_waiting(server, threading.Event())
    with pytest.raises(ModelUnavailableError):
        worker.score_waiting(server, threading.Event())
    assert scored() == 5


def test_while_the_model_server_is_away_nothing_is_lost():
    away = ModelServer("http://127.0.0.1:9", timeout=1)
    with pytest.raises(ModelUnavailableError):
        worker.score_waiting(away, threading.Event())
    assert Review.select().where(Review.scoring_attempts == 0).count() == 6


def test_work_goes_on_when_the_model_server_returns_and_ends_when_told(server, model):
    answers = iter([500, 500])
    stop = threading.Event()

    def status(review):
        if review == "review 5":
            stop.set()
        return next(answers, 200)

    model.status = status
    worker.work(server, 0.01, stop)
    assert scored() >= 1


def test_housekeeping_deletes_only_what_is_over(db):
    db.execute_sql("insert into request_limit values ('old', now() - interval '1 second')")
    db.execute_sql("insert into request_limit values ('new', now() + interval '1 minute')")
    db.execute_sql("insert into admin (username, password_hash) values ('ada', '')")
    db.execute_sql("insert into session select 'old', id, now() from admin")
    db.execute_sql("insert into session select 'new', id, now() + interval '1 hour' from admin")
    db.execute_sql(
        "insert into token (name, scopes, token_hash, expires) values ('o','','o',now())"
    )
    db.execute_sql("insert into token (name, scopes, token_hash) values ('new', '', 'n')")
    db.execute_sql(
        "insert into idempotency_key values ('old', '', null, '', now() - interval '2 d')"
    )
    db.execute_sql("insert into idempotency_key values ('new', '', null, '', now())")
    housekeeping.sweep()
    for table in (RequestLimit, Session, Token, IdempotencyKey):
        assert table.select().count() == 1
