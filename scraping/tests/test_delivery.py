"""Delivery to the API: once, whatever happens to the API or to us."""

import json
from collections import Counter

import pytest

from review_scraper.api_client import ApiClient
from review_scraper.collection import Collection
from review_scraper.database import open_database
from review_scraper.delivery import Delivery
from review_scraper.items import Company, Review
from review_scraper.outbox import Outbox
from review_scraper.tally import Tally

pytestmark = pytest.mark.integration

URL = "http://site.example/review/acme"


def review(number, text="It is good."):
    return Review(
        site="demo",
        site_id=f"r-{number}",
        company_url=URL,
        company="Acme",
        text=text,
        rating=4,
        page_url=URL,
    )


@pytest.fixture
def database(tmp_path):
    return tmp_path / "state.sqlite"


@pytest.fixture
def connection(database):
    connection = open_database(database)
    yield connection
    connection.close()


@pytest.fixture
def deliver(database, api):
    """Return a function that delivers all that waits."""

    def run(seconds=20.0):
        delivery = Delivery(database, ApiClient(api.url, "secret"), 10, Tally())
        delivery.start()
        delivery.finish(seconds)
        return delivery

    return run


def test_what_waits_is_delivered_once_in_batches_with_the_token(connection, api, deliver):
    Collection(connection).keep([review(number) for number in range(25)], 1)
    Collection(connection).keep([Company(site="demo", url=URL, name="Acme")], 1)
    deliver()
    deliver()
    assert len(api.stored["reviews"]) == 25
    assert api.stored["companies"][URL]["name"] == "Acme"
    assert max(Counter(api.received).values()) == 1
    assert api.received[0] == URL
    assert api.tokens == {"Bearer secret"}
    assert Outbox(connection).waiting() == 0


def test_an_edited_review_is_delivered_again(connection, api, deliver):
    collection = Collection(connection)
    collection.keep([review(1)], 1)
    deliver()
    collection.keep([review(1, "It broke.")], 2)
    deliver()
    assert api.stored["reviews"]["r-1"]["text"] == "It broke."
    assert Counter(api.received) == {"r-1": 2}


def test_a_review_that_changes_while_it_is_sent_still_waits(connection):
    collection, outbox = Collection(connection), Outbox(connection)
    collection.keep([review(1)], 1)
    batch = outbox.batch("review", 10, 10_000)
    collection.keep([review(1, "It broke.")], 2)
    outbox.sent(batch)
    (waiting,) = outbox.batch("review", 10, 10_000)
    assert json.loads(waiting.body)["text"] == "It broke."


def test_an_item_that_the_api_refuses_does_not_hold_the_others_up(connection, api, deliver):
    api.refused_text = "bad"
    reviews = [review(number, "bad" if number == 13 else "good") for number in range(20)]
    Collection(connection).keep(reviews, 1)
    deliver()
    assert sorted(api.stored["reviews"]) == sorted(f"r-{n}" for n in range(20) if n != 13)
    (reject,) = connection.execute("SELECT reason, page_url FROM reject").fetchall()
    assert "reviews.0.text: not this one" in reject[0]
    assert reject[1] == URL
    assert Outbox(connection).waiting() == 0


def test_while_the_api_is_away_all_waits_on_disk(connection, api, deliver):
    api.away = True
    Collection(connection).keep([review(1)], 1)
    deliver(seconds=0)
    assert Outbox(connection).waiting() == 1
    api.away = False
    deliver()
    assert api.received == ["r-1"]


def test_where_nobody_listens_all_waits_on_disk(connection, database):
    Collection(connection).keep([review(1)], 1)
    delivery = Delivery(database, ApiClient("http://127.0.0.1:9", None), 10, Tally())
    delivery.start()
    delivery.finish(0)
    assert Outbox(connection).waiting() == 1
    assert delivery.refused is None


def test_a_wrong_token_ends_the_delivery_with_the_reason(connection, api, deliver):
    api.wrong_token = True
    Collection(connection).keep([review(1)], 1)
    assert deliver().refused == "status 401: who are you?"
    assert Outbox(connection).waiting() == 1


def test_batches_stay_small_in_bytes(connection):
    Collection(connection).keep([review(n, "x" * 900) for n in range(10)], 1)
    assert len(Outbox(connection).batch("review", 10, 3_500)) == 3


def test_a_run_without_the_api_fails_and_the_next_one_delivers_once(
    demo_site, without_browser, crawls, api, all_found
):
    site = demo_site(companies=3, reviews=40)
    crawls.environment["SCRAPER_API_WAIT"] = "1"
    options = {"profile": without_browser(site), "api": api.url}
    api.away = True
    away = crawls.run(site, code=1, **options)
    assert away["undelivered"] == away["new_reviews"] + away["new_companies"] > 0
    assert api.received == []
    api.away = False
    back = crawls.run(site, **options)
    assert (back["undelivered"], back["new_reviews"]) == (0, 0)
    assert all_found(api.stored["reviews"].values(), site)
    assert max(Counter(api.received).values()) == 1
