"""Guards of the training data: copies, floods, poison; what they leave out is counted."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from review_api import addresses, quarantine, senders
from review_api.models import AddressKey, Quarantine, Review
from review_api.settings import Settings

pytestmark = pytest.mark.integration

NONE = {"quarantine": 0, "duplicate": 0, "address": 0, "brand": 0}


@pytest.fixture
def add(db):
    """Return a function that stores a review an hour ago, given by its columns; gives its id."""

    def add(minutes_ago=60, **columns):
        row = {"review": f"review {Review.select().count()}", "rating": 3, "brand": "Acme"}
        row["created_date"] = datetime.now(UTC) - timedelta(minutes=minutes_ago)
        with db.atomic():
            return Review.insert(row | columns).execute()

    return add


@pytest.fixture
def export(make_app, bearer):
    """Return a function that exports under changed settings: texts, and what was left out."""

    def export(until="", **changes):
        answer = (
            make_app(**changes)
            .test_client()
            .get(
                "/api/training-data", query_string={"until": until}, headers=bearer("training:read")
            )
        )
        return Export(answer)

    return export


class Export:
    def __init__(self, answer):
        assert answer.status_code == 200
        self.data = answer.data
        self.until = answer.headers["X-Until"]
        self.rows = [json.loads(line) for line in answer.text.splitlines()]
        self.texts = [row["text"] for row in self.rows]
        pairs = (pair.split("=") for pair in answer.headers["X-Left-Out"].split(", "))
        self.left_out = {reason: int(count) for reason, count in pairs}


def decide(app, review_id, decision, headers):
    answer = app.test_client().put(
        f"/api/quarantine/{review_id}", json={"decision": decision}, headers=headers
    )
    assert answer.status_code == 200


def test_thirty_reviews_from_one_address_in_a_demonstration_are_all_used(client, export):
    for number in range(30):
        body = {"review": f"number {number}", "rating": 5, "brand": "Acme"}
        assert client.post("/api/review", json=body).status_code == 200
    found = export()
    assert len(found.texts) == 30
    assert found.left_out == NONE


def test_of_copies_with_the_same_rating_the_first_is_used_whoever_wrote_it(
    add, export, post_scraped
):
    add(review="same", rating=5, brand="Acme")
    add(review="same", rating=5, brand="Other")
    add(review="same", rating=1)
    add(review="Same", rating=5)
    post_scraped({"text": "same", "rating": 5}, {"text": "own", "site_id": "2"})
    found = export(training_disagreement=0)
    assert [(row["text"], row["rating"]) for row in found.rows] == [
        *(("same", 5), ("same", 1), ("Same", 5), ("own", 5)),
    ]
    assert found.rows[0]["brand"] == "Acme"
    assert found.left_out == NONE | {"duplicate": 2}


def test_when_the_first_copy_is_deleted_the_next_takes_its_place(add, export):
    first = add(review="same", brand="Acme")
    add(review="same", brand="Other")
    before = export()
    Review.delete().where(Review.id == first).execute()
    assert [row["brand"] for row in before.rows] == ["Acme"]
    assert [row["brand"] for row in export(until=before.until).rows] == ["Other"]


def test_of_an_address_the_first_reviews_of_a_day_are_used_and_unknown_ones_are_not_capped(
    add, export
):
    for number in range(4):
        add(review=f"flood {number}", sender="a", minutes_ago=90 - number)
        add(review=f"unknown {number}", sender=None)
    add(review="other", sender="b")
    found = export(training_address_cap=2)
    assert [text for text in found.texts if "unknown" not in text] == [
        "flood 0",
        "flood 1",
        "other",
    ]
    assert found.left_out == NONE | {"address": 2}
    assert len(export(training_address_cap=0).texts) == 9


def test_of_a_brand_the_latest_reviews_are_used_peoples_and_scraped_together(
    add, export, post_scraped
):
    for number in range(4):
        add(review=f"old {number}", minutes_ago=90 - number, brand="ACME")
    add(review="other", brand="Other")
    post_scraped({"text": "scraped", "company": "Acme"})
    found = export(training_brand_cap=2)
    assert sorted(found.texts) == ["old 3", "other", "scraped"]
    assert found.left_out == NONE | {"brand": 3}


def test_copies_and_held_reviews_take_no_ones_place(add, export):
    """Else a flood of copies would push out what honest people wrote."""
    add(review="honest 1", minutes_ago=99, sender="a")
    for number in range(3):
        add(review="copy", minutes_ago=90 - number, sender="a")
    held = add(review="held", minutes_ago=50, sender="a")
    Quarantine.create(id=held, cause="burst")
    found = export(training_brand_cap=2, training_address_cap=2)
    assert found.texts == ["honest 1", "copy"]
    assert found.left_out == NONE | {"duplicate": 2, "quarantine": 1}


def test_a_review_that_a_sure_model_contradicts_waits_for_the_owner(add, export):
    add(review="said bad, is surely good", rating=1, model_score=0.99)
    add(review="said good, is surely bad", rating=4, model_score=0.01)
    add(review="said bad, may be good", rating=1, model_score=0.9)
    add(review="said good, may be bad", rating=5, model_score=0.1)
    add(review="said average", rating=3, model_score=0.99)
    add(review="of one mind", rating=5, model_score=0.99)
    add(review="not scored yet", rating=1)
    found = export()
    assert found.left_out == NONE | {"quarantine": 2}
    assert not any("surely" in text for text in found.texts)
    assert {held.cause for held in Quarantine.select()} == {"disagreement"}
    assert len(export(training_disagreement=0.6).texts) == 3


def test_nothing_is_held_back_where_that_is_turned_off(add, export):
    for number in range(5):
        add(review=f"x {number}", rating=1, model_score=1)
    assert len(export(training_disagreement=0, training_burst=0).texts) == 5
    assert Quarantine.select().count() == 0


def test_all_of_a_burst_waits_and_a_brand_with_the_same_number_in_two_hours_does_not(add, export):
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=40)
    for number in range(4):
        add(review=f"burst {number}", brand=("Acme", "acme")[number % 2], created_date=hour)
        moment = hour + timedelta(minutes=59 + number % 2)
        add(review=f"calm {number}", brand="Other", created_date=moment)
    found = export(training_burst=3)
    assert found.texts == ["calm 0", "calm 2", "calm 1", "calm 3"]
    assert found.left_out == NONE | {"quarantine": 4}


def test_the_worker_holds_the_bursts_of_the_last_days(add, database_url):
    settings = Settings(database_url=database_url, training_burst=2)
    for minutes_ago in (2, 2, 2, 5 * 24 * 60, 5 * 24 * 60, 5 * 24 * 60):
        moment = datetime.now(UTC) - timedelta(minutes=minutes_ago)
        add(created_date=moment.replace(minute=0, second=0))
    for _ in range(2):
        quarantine.hold_new(settings)
    assert Quarantine.select().count() == 3


def test_what_the_owner_lets_through_is_used_and_what_they_leave_out_is_not(
    app, add, export, bearer
):
    used, left = (add(review=text, rating=1, model_score=1) for text in ("honest", "a lie"))
    assert export().texts == []
    decide(app, used, "use", bearer("admin"))
    decide(app, left, "leave_out", bearer("admin"))
    found = export()
    assert found.texts == ["honest"]
    assert found.left_out == NONE | {"quarantine": 1}


def test_an_export_stays_what_it_was_whatever_is_held_or_decided_later(app, add, export, bearer):
    """Held, let through, refused: each export repeated gives what it gave."""
    one = add(review="one", rating=1)
    exports = [export()]
    Review.update(model_score=1).where(Review.id == one).execute()
    exports.append(export())
    for decision in ("use", "leave_out", "use"):
        decide(app, one, decision, bearer("admin"))
        exports.append(export())
    assert [found.texts for found in exports] == [["one"], [], ["one"], [], ["one"]]
    for found in exports:
        again = export(until=found.until)
        assert again.data == found.data
        assert again.left_out == found.left_out


def test_peoples_reviews_can_weigh_more_and_all_rows_say_so_then(add, export, post_scraped):
    add()
    post_scraped({})
    assert [row["weight"] for row in export(training_people_weight=2.5).rows] == [2.5, 1.0]
    assert all("weight" not in row for row in export().rows)


def test_a_sender_is_the_same_for_a_day_and_tells_nothing_of_the_address(client):
    for number, address in enumerate(["192.0.2.7", "192.0.2.7", "192.0.2.8"]):
        body = {"review": f"x {number}", "rating": 3, "brand": "Acme"}
        client.post("/api/review", json=body, environ_base={"REMOTE_ADDR": address})
    first, again, other = (row.sender for row in Review.select().order_by(Review.id))
    assert first == again != other
    assert "192" not in first
    AddressKey.delete().execute()
    assert senders.sender_of(addresses.parse("192.0.2.7")) != first


def test_a_sender_is_kept_where_the_address_is_not_and_neither_is_where_no_cap_asks_for_it(
    make_app,
):
    body = {"review": "x", "rating": 3, "brand": "Acme"}
    make_app(client_address="none").test_client().post("/api/review", json=body)
    make_app(training_address_cap=0).test_client().post("/api/review", json=body)
    first, second = Review.select().order_by(Review.id)
    assert first.ip_address is None
    assert len(first.sender) == 32
    assert second.sender is None
    assert AddressKey.select().count() == 1


def test_no_answer_shows_a_sender(client, bearer):
    client.post("/api/review", json={"review": "x", "rating": 3, "brand": "Acme"})
    sender = Review.get().sender
    for path in ("reviews", "reviews?format=csv", "training-data", "quarantine?decision=any"):
        answer = client.get(f"/api/{path}", headers=bearer("admin"))
        assert answer.status_code == 200
        assert sender not in answer.text
        assert "sender" not in answer.text
