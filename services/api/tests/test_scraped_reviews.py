"""Scraped reviews: a batch is kept whole or not at all, once, as the site has it now."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from review_api.batches import LARGEST
from review_api.models import ScrapedReview
from review_api.schemas import LARGEST_REVIEW

pytestmark = pytest.mark.integration


def outcome(answer):
    assert answer.status_code == 200
    return tuple(answer.json[name] for name in ("received", "new", "changed"))


def stored(*names):
    return list(ScrapedReview.select(*(getattr(ScrapedReview, one) for one in names)).tuples())


def numbered(count, **more):
    return [{"site_id": f"r-{number}", **more} for number in range(count)]


def test_a_batch_sent_again_is_stored_once(post_scraped):
    assert outcome(post_scraped(*numbered(50))) == (50, 50, 0)
    assert outcome(post_scraped(*numbered(50))) == (50, 0, 0)
    assert outcome(post_scraped(*numbered(60))) == (60, 10, 0)
    assert ScrapedReview.select().count() == 60


def test_all_fields_are_stored_as_sent(post_scraped, client, reader):
    sent = {
        "title": "Déjà vu \U0001f642",
        "text": "  two\nlines  ",
        "rating": 1,
        "date": "2026-11-03",
        "language": "en",
    }
    post_scraped(sent)
    (row,) = client.get("/api/scraped-reviews", headers=reader).json
    assert sent.items() <= row.items()
    assert row["changed_date"] is None


@pytest.mark.parametrize(
    "change",
    [
        {"text": "fits badly"},
        {"rating": 4},
        {"title": "New"},
        {"date": "2026-01-02"},
        {"company": "Acme Ltd"},
        {"language": "de"},
    ],
)
def test_other_content_changes_the_review(post_scraped, change):
    post_scraped({})
    assert outcome(post_scraped(change)) == (1, 0, 1)
    assert outcome(post_scraped(change)) == (1, 0, 0)
    ((changed_date, *values),) = stored("changed_date", *change)
    assert changed_date
    assert [str(value) for value in values] == [str(value) for value in change.values()]


def test_another_page_of_the_site_is_no_change(post_scraped):
    post_scraped({})
    assert outcome(post_scraped({"page_url": "http://demo.example/review/acme?page=2"}))[2] == 0


def test_the_same_id_on_another_site_is_another_review(post_scraped):
    assert outcome(post_scraped({}, {"site": "other"})) == (2, 2, 0)


def test_of_a_review_that_comes_twice_in_a_batch_the_last_counts(post_scraped):
    assert outcome(post_scraped({"text": "first"}, {"text": "last"})) == (2, 1, 0)
    assert stored("text") == [("last",)]


def test_one_bad_review_refuses_the_batch_and_is_named_by_its_place(post_scraped):
    answer = post_scraped(*numbered(3), {"rating": 6}, {"site_id": "x", "text": " "})
    assert answer.status_code == 400
    assert [one["field"] for one in answer.json["errors"]] == ["reviews.3.rating", "reviews.4.text"]
    assert ScrapedReview.select().count() == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("site", ""),
        ("site", "é"),
        ("site", "x" * 201),
        ("site_id", ""),
        ("site_id", "x" * 201),
        ("company", " "),
        ("company", "x" * 201),
        ("company_url", "javascript:alert(1)"),
        ("company_url", "http://"),
        ("company_url", "http://[x"),
        ("page_url", "/review/acme"),
        ("page_url", "http://x/" + "y" * 1992),
        ("page_url", "http://x/" + "é" * 1000),
        ("title", "x" * 1001),
        ("title", "\0"),
        ("text", "\0"),
        ("text", "é" * (LARGEST_REVIEW // 2 + 1)),
        ("language", "x" * 36),
        ("date", "2026-02-30"),
        ("date", "2026-1-2"),
        ("date", 1700000000),
        ("date", "2026-01-02T00:00:00Z"),
        ("rating", "5"),
        ("rating", 0),
        ("author", "Jane D."),
    ],
)
def test_a_bad_field_is_refused_by_name(post_scraped, field, value):
    answer = post_scraped({field: value})
    assert answer.status_code == 400
    assert {one["field"] for one in answer.json["errors"]} == {f"reviews.0.{field}"}


def test_the_longest_fields_are_stored(post_scraped):
    longest = {
        "site": "s" * 200,
        "site_id": "é" * 200,
        "company": "\U0001f642" * 200,
        "company_url": "http://x/" + "y" * 1991,
        "title": "é" * 1000,
        "text": "é" * (LARGEST_REVIEW // 2),
    }
    assert outcome(post_scraped(longest)) == (1, 1, 0)


def test_addresses_are_kept_percent_encoded(post_scraped):
    post_scraped({"company_url": " http://demo.example/caf\u00e9%20x?a=b#c "})
    assert stored("company_url") == [("http://demo.example/caf%C3%A9%20x?a=b#c",)]


@pytest.mark.parametrize("count", [0, 1001])
def test_a_batch_of_a_wrong_size_is_refused(post_scraped, count):
    answer = post_scraped(*numbered(count))
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (400, "reviews")


def test_a_batch_larger_than_other_bodies_is_taken_up_to_its_own_limit(post_scraped):
    assert outcome(post_scraped(*numbered(200, text="x" * 60_000))) == (200, 200, 0)
    assert post_scraped(*numbered(300, text="x" * 60_000)).status_code == 413
    assert ScrapedReview.select().count() == 200


def test_a_batch_of_unstated_length_has_the_same_limit(client, scraper):
    environment = {"wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    body = b" " * LARGEST + b"{}"
    answer = client.post(
        "/api/scraped-reviews",
        data=body,
        content_type="application/json",
        headers=scraper,
        environ_overrides=environment,
    )
    assert answer.status_code == 413


def test_batches_that_overlap_at_the_same_time_are_stored_once(post_scraped):
    def post(number):
        return post_scraped(*numbered(100)[:: 1 if number % 2 else -1])

    with ThreadPoolExecutor(6) as pool:
        outcomes = [outcome(answer) for answer in pool.map(post, range(12))]
    assert sum(new for _, new, _ in outcomes) == 100
    assert ScrapedReview.select().count() == 100


def test_a_deleted_review_does_not_come_back(post_scraped, client, reader, admin_client):
    post_scraped(*numbered(2))
    before = client.get("/api/scraped-reviews", headers=reader).json
    path = f"/api/scraped-reviews/{before[0]['id']}"
    assert admin_client.delete(path).status_code == 204
    assert admin_client.delete(path).status_code == 404
    assert outcome(post_scraped(*numbered(2))) == (2, 0, 0)
    answer = client.get("/api/scraped-reviews", headers=reader)
    assert answer.json == before[1:]
    assert answer.headers["X-Total-Count"] == "1"
