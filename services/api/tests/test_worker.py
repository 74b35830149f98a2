"""Scoring after the fact: every review once, none lost, none tried for ever."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from review_api import database, housekeeping, worker
from review_api.duties import Agenda, Duty
from review_api.model_server import ModelServer, ModelUnavailableError
from review_api.models import AddressKey, IdempotencyKey, RequestLimit, Review, Session, Token
from review_api.scoring import Scorer

pytestmark = pytest.mark.integration


@pytest.fixture
def server(model):
    return Scorer(ModelServer(model.url, timeout=5))


@pytest.fixture(autouse=True)
def reviews(db):
    rows = [{"review": f"review {i}", "rating": 3, "brand": "Acme"} for i in range(6)]
    with db.atomic():
        Review.insert_many(rows).execute()


def never():
    return False


def scored():
    return Review.select().where(Review.model_score.is_null(is_null=False)).count()


def test_a_review_gets_score_version_and_date_and_keeps_its_claims(server):
    Review.update(sentiment_score=0.1).execute()
    assert worker.score_waiting(server, never) == 6
    review = Review.select().first()
    assert (review.model_score, review.model_version) == (0.93, "1.0")
    assert review.scored_date > review.created_date
    assert review.sentiment_score == 0.1


def test_workers_at_the_same_time_score_each_review_once(server, model):
    def work(_):
        try:
            return worker.score_waiting(server, never)
        finally:
            database.give_back()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 6
    assert len(model.asked) == len({review for review, _ in model.asked}) == 6


def test_a_review_that_the_model_refuses_is_tried_once(server, model):
    model.status = lambda review: 400 if review == "review 2" else 200
    for _ in range(2):
        worker.score_waiting(server, never)
    assert [review for review, _ in model.asked].count("review 2") == 1
    refused = Review.get(Review.review == "review 2")
    assert (refused.model_score, refused.scoring_error) == (None, "no text")
    assert scored() == 5


def test_a_review_that_the_model_stumbles_over_goes_to_the_end_of_the_line(server, model):
    model.status = lambda review: 500 if review == "review 0" else 200
    with pytest.raises(ModelUnavailableError):
        worker.score_waiting(server, never)
    with pytest.raises(ModelUnavailableError):
        worker.score_waiting(server, never)
    assert scored() == 5


def test_while_the_model_server_is_away_nothing_is_lost():
    away = Scorer(ModelServer("http://127.0.0.1:9", timeout=1))
    with pytest.raises(ModelUnavailableError):
        worker.score_waiting(away, never)
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


def test_a_long_line_does_not_keep_other_duties_waiting(server, model):
    """The duty is always due, so it is done before every review."""
    stop, scored_before = threading.Event(), []

    def look():
        scored_before.append(len(model.asked))
        if len(scored_before) == 3:
            stop.set()

    worker.work(server, 0.01, stop, [Duty(0.0, look)])
    assert scored_before == [0, 1, 2]


def test_a_duty_that_fails_is_tried_again():
    tries = []

    def fail_once():
        tries.append(1)
        if len(tries) == 1:
            raise ValueError("not yet")

    agenda = Agenda([Duty(3600, fail_once)])
    with pytest.raises(ValueError, match="not yet"):
        agenda.run_due()
    for _ in range(2):
        agenda.run_due()
    assert len(tries) == 2
    assert not agenda.is_due()


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
    db.execute_sql(
        "insert into address_key values (current_date - 1, 'old'), (current_date, 'new')"
    )
    housekeeping.sweep()
    for table in (RequestLimit, Session, Token, IdempotencyKey, AddressKey):
        assert table.select().count() == 1
