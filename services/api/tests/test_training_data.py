"""Training data: everything stored before a moment, the same whenever it is asked for."""

import json
import re
import threading
import tracemalloc
from contextlib import closing
from datetime import UTC, datetime, timedelta

import psycopg2
import pytest

from review_api import database, training_data
from review_api.guards import Guards

pytestmark = pytest.mark.integration

REVIEW = {"review": "fine", "rating": 3, "brand": "Acme"}


@pytest.fixture
def trainer(bearer):
    return bearer("training:read")


@pytest.fixture
def ask(client, trainer):
    """Return a function that asks for training data up to a time, given in the query."""

    def ask(**query):
        return client.get("/api/training-data", query_string=query, headers=trainer)

    return ask


def examples(answer):
    assert answer.status_code == 200
    return [json.loads(line) for line in answer.text.splitlines()]


def texts(answer):
    return [example["text"] for example in examples(answer)]


def test_peoples_and_scraped_reviews_are_there_in_the_order_of_storage(client, post_scraped, ask):
    client.post("/api/review", json=REVIEW)
    post_scraped({"date": "2026-01-02"})
    client.post("/api/review", json=REVIEW | {"review": "again"})
    answer = ask()
    assert answer.mimetype == "application/x-ndjson"
    found = examples(answer)
    assert [one["text"] for one in found] == ["fine", "fits well", "again"]
    assert found[1] == {
        "text": "fits well",
        "rating": 5,
        "source": "demo",
        "brand": "Acme",
        "created": "2026-01-02T00:00:00Z",
    }
    assert found[0]["source"] == "people"
    assert found[0].keys() == found[1].keys()


def test_addresses_and_telephone_numbers_are_masked(client, post_scraped, ask):
    client.post("/api/review", json=REVIEW | {"review": "mail a@b.com", "user_agent": "Agent 7"})
    post_scraped({"text": "call +49 30 1234567, order 4512345678"})
    answer = ask()
    assert texts(answer) == ["mail [email]", "call [phone], order 4512345678"]
    assert "Agent 7" not in answer.text
    assert "127.0.0.1" not in answer.text


def test_an_edited_review_is_once_in_the_data_as_it_read_then(client, post_scraped, ask):
    client.post("/api/review", json=REVIEW)
    post_scraped({"text": "first", "rating": 5, "company": "Old"})
    first = ask()
    post_scraped({"text": "second", "rating": 1, "company": "New"})
    second = ask()
    post_scraped({"text": "third"})
    third = ask()
    assert texts(first) == ["fine", "first"]
    assert texts(second) == ["fine", "second"]
    assert texts(third) == ["fine", "third"]
    for answer in (first, second, third):
        again = ask(until=answer.headers["X-Until"])
        assert again.data == answer.data
        assert again.headers["X-Until"] == answer.headers["X-Until"]


def test_what_is_stored_later_is_not_in_earlier_data(client, post_scraped, ask):
    before = ask().headers["X-Until"]
    client.post("/api/review", json=REVIEW)
    post_scraped({})
    assert examples(ask(until=before)) == []
    assert len(examples(ask())) == 2


def test_a_deleted_review_leaves_all_later_exports(client, post_scraped, ask, admin_client):
    saved = client.post("/api/review", json=REVIEW).json
    post_scraped({"text": "first"})
    until = ask().headers["X-Until"]
    post_scraped({"text": "second"})
    (scraped,) = admin_client.get("/api/scraped-reviews").json
    admin_client.delete(f"/api/reviews/{saved['id']}")
    admin_client.delete(f"/api/scraped-reviews/{scraped['id']}")
    assert examples(ask(until=until)) == examples(ask()) == []


def test_a_time_to_come_counts_as_now(ask):
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    used = datetime.fromisoformat(ask(until=later).headers["X-Until"])
    assert used <= datetime.now(UTC) + timedelta(minutes=1)


def test_a_time_may_be_of_any_zone(ask):
    answer = ask(until="2026-01-31T12:00:00.5+02:00")
    assert answer.headers["X-Until"] == "2026-01-31T10:00:00.500000Z"


@pytest.mark.parametrize(
    "until",
    [
        "yesterday",
        "2026-01-31",
        "1700000000",
        "2026-01-31T12:00:00",
        "2026-01-31T12:00:00 02:00",
        "2026-01-31T25:00:00Z",
        "2026-02-30T00:00:00Z",
        "0001-01-01T00:00:00+23:59",
    ],
)
def test_what_is_no_time_is_refused(ask, until):
    assert ask(until=until).status_code == 400


def test_an_export_waits_for_what_is_being_written_and_then_has_it(ask, database_url):
    """A review that has its time, but is not committed yet, must not turn up only later."""
    connection = psycopg2.connect(database_url)
    connection.cursor().execute("insert into review (review, rating, brand) values ('x', 3, 'y')")
    answers = []
    export = threading.Thread(target=lambda: answers.append(ask()))
    export.start()
    other = psycopg2.connect(database_url)
    other.autocommit = True
    waiting = "select count(*) from pg_locks where mode = 'ShareLock' and not granted"
    with other.cursor() as cursor:
        cursor.execute(waiting)
        while cursor.fetchone()[0] == 0:
            cursor.execute(waiting)
    connection.commit()
    export.join()
    for one in (connection, other):
        one.close()
    assert texts(answers[0]) == ["x"]
    assert ask(until=answers[0].headers["X-Until"]).data == answers[0].data


def fill(db, rows):
    db.execute_sql("set statement_timeout = 0")
    for table, columns, values in (
        ("review", "review, rating, brand", "i || repeat(' long', 200), 3, i / 100"),
        (
            "scraped_review",
            "site, site_id, company_url, company, text, rating, page_url",
            "'demo', i, 'http://x', 'Acme', i || repeat(' tall', 200), 3, 'http://x'",
        ),
    ):
        db.execute_sql(
            f"insert into {table} ({columns}) select {values} from generate_series(1, {rows}) as i"
        )
    db.execute_sql("set statement_timeout = '15s'")


def test_an_export_is_held_a_few_rows_at_a_time(db, client, trainer):
    fill(db, 5000)
    tracemalloc.start()
    answer = client.get("/api/training-data", headers=trainer, buffered=False)
    size = sum(len(chunk) for chunk in answer.iter_encoded())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 10_000_000
    assert peak < size / 3


def test_the_database_does_not_sort_everything_before_the_first_row(db):
    fill(db, 5000)
    db.execute_sql("analyze review, scraped_review, scraped_review_past")
    statement = f"explain declare examples cursor for {training_data.EXAMPLES}"
    now = datetime.now(UTC)
    with closing(database.open_apart()) as connection, connection.cursor() as cursor:
        Guards(address_cap=0, brand_cap=9000).leave_out(connection, now)
        cursor.execute(statement, {"until": now} | training_data.weights(1))
        plan = "\n".join(row[0] for row in cursor)
    assert "Index Scan using review_by_date" in plan
    assert "Index Scan using scraped_review_by_version" in plan
    sorts = re.findall(r"(?:->|^) +(.*Sort) .*\n +Sort Key: (.*)", plan)
    assert {what for how, what in sorts if how == "Sort"} == {"past.stored_date, present.id"}
