"""The small parts: shards, encodings, feeds, the summary, metrics and progress."""

import csv
import io
import json

import pyarrow.parquet as pq
import pytest
from prometheus_client import CollectorRegistry, generate_latest
from rich.console import Console

from review_scraper.chromium import find_chromium
from review_scraper.collection import Collection
from review_scraper.database import open_database
from review_scraper.decoding import decode
from review_scraper.errors import ScraperError, UsageError
from review_scraper.feeds import check_feed, companies_beside, write_feed
from review_scraper.items import Company, Review
from review_scraper.metrics import TallyCollector
from review_scraper.progress import line, progress
from review_scraper.run import Budgets
from review_scraper.shards import Shard
from review_scraper.tally import Tally

URL = "http://site.example/review/acme"


@pytest.mark.parametrize(
    ("text", "index", "count"), [("1/1", 0, 1), ("1/4", 1, 4), ("4/4", 0, 4), ("0/4", 0, 4)]
)
def test_a_shard_counts_from_one_or_from_zero(text, index, count):
    assert Shard.parse(text) == Shard(index, count)


@pytest.mark.parametrize("text", ["5/4", "1/0", "0/0", "a/b", "1", "-1/4", "1/4/4", ""])
def test_what_is_no_shard_is_refused(text):
    with pytest.raises(UsageError, match="is no shard"):
        Shard.parse(text)


@pytest.mark.parametrize("count", [1, 2, 7])
def test_every_list_is_in_exactly_one_shard(count):
    for number in range(100):
        url = f"http://site.example/{number}"
        assert sum(Shard(index, count).owns(url) for index in range(count)) == 1


@pytest.mark.parametrize(
    ("body", "content_type", "wrong"),
    [
        ("café €".encode(), "text/html; charset=utf-8", False),
        ("café €".encode(), "text/html", False),
        ("café €".encode(), "text/html; charset=iso-8859-1", True),
        ("café €".encode("cp1252"), "text/html; charset=windows-1252", False),
        ("café €".encode("cp1252"), "text/html; charset=iso-8859-1", False),
        ("café €".encode("cp1252"), "text/html; charset=utf-8", True),
        ("café €".encode("cp1252"), "text/html", True),
        ("café €".encode("cp1252"), None, True),
        ("café €".encode("utf-16"), "text/html", False),
        ("café €".encode("utf-16-le"), "text/html; charset=utf-16-le", False),
        ("café €".encode("utf-8-sig"), None, False),
        ('<meta charset="windows-1252">café €'.encode("cp1252"), None, False),
        ("café €".encode(), "text/html; charset=no-such-thing", False),
    ],
)
def test_a_page_is_decoded_whatever_it_says_of_its_encoding(body, content_type, wrong):
    text, found_wrong = decode(body, content_type)
    assert text.endswith("café €")
    assert found_wrong == wrong


def test_bytes_of_no_encoding_at_all_are_decoded_without_an_error():
    assert decode(b"\x81\xff\xfe", "text/html; charset=utf-8") == ("\ufffdÿþ", True)


@pytest.fixture
def collection(tmp_path):
    connection = open_database(tmp_path / "state.sqlite")
    collection = Collection(connection)
    text = 'It is "good", isn\'t it?\nYes. \N{SNOWMAN}'
    common = {"site": "demo", "company_url": URL, "company": "Acme", "page_url": URL}
    dated = Review.model_validate_json(
        json.dumps({**common, "site_id": "r-1", "text": text, "rating": 4, "date": "2026-11-03"})
    )
    bare = Review(**common, site_id="r-2", text="Plain.", rating=1)
    collection.keep([dated, bare], 1)
    collection.keep([Company(site="demo", url=URL, name="Acme")], 1)
    yield collection
    connection.close()


def test_a_csv_feed_has_every_review(collection, tmp_path):
    file = tmp_path / "reviews.csv"
    write_feed(collection, file)
    with file.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert rows[0]["text"].endswith("Yes. \N{SNOWMAN}")
    assert [row["date"] for row in rows] == ["2026-11-03", ""]
    assert companies_beside(file).read_text().splitlines()[1].startswith(f"demo,{URL},Acme")


def test_an_ndjson_feed_has_every_review(collection, tmp_path):
    write_feed(collection, tmp_path / "reviews.ndjson")
    lines = (tmp_path / "reviews.ndjson").read_text().splitlines()
    assert [json.loads(line)["rating"] for line in lines] == [4, 1]


def test_a_parquet_feed_has_every_review_with_its_types(collection, tmp_path):
    write_feed(collection, tmp_path / "reviews.parquet")
    table = pq.read_table(tmp_path / "reviews.parquet")
    assert str(table.schema.field("date").type) == "date32[day]"
    assert [str(one["date"]) for one in table.to_pylist()] == ["2026-11-03", "None"]
    assert [one["rating"] for one in table.to_pylist()] == [4, 1]


def test_a_feed_that_cannot_be_written_leaves_the_old_one(collection, tmp_path):
    file = tmp_path / "reviews.ndjson"
    file.write_text("old\n")
    collection._connection.execute("UPDATE item SET body = 'no JSON'")
    with pytest.raises(ValueError, match="Expecting value"):
        write_feed(collection, file.with_suffix(".csv"))
    assert file.read_text() == "old\n"
    assert sorted(one.name for one in tmp_path.glob("*reviews*")) == ["reviews.ndjson"]


@pytest.mark.parametrize(
    ("name", "complaint"), [("reviews.xlsx", "ends with"), ("nowhere/reviews.csv", "no folder")]
)
def test_a_feed_nobody_can_write_is_refused_before_the_crawl(tmp_path, name, complaint):
    with pytest.raises(UsageError, match=complaint):
        check_feed(tmp_path / name)


def test_a_browser_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ScraperError, match="there is no program"):
        find_chromium(tmp_path / "chromium")


def test_a_state_of_another_kind_is_refused(tmp_path):
    (tmp_path / "state.sqlite").write_text("this is no database, and long enough to be none\n" * 9)
    with pytest.raises(ScraperError, match="cannot be used as the crawl's state"):
        open_database(tmp_path / "state.sqlite")


def test_a_state_of_another_version_is_refused(tmp_path):
    connection = open_database(tmp_path / "state.sqlite")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(ScraperError, match="version 99"):
        open_database(tmp_path / "state.sqlite")


def test_budgets_end_a_run_when_they_are_used_up():
    tally = Tally()
    tally.errors["status 500"] = 3
    assert Budgets().passed(1000, tally) is None
    assert Budgets(max_pages=5).passed(5, tally) == "page budget"
    assert Budgets(max_minutes=0).passed(0, tally) == "time budget"
    assert Budgets(max_errors=2).too_many_errors(tally)
    assert not Budgets(max_errors=3).too_many_errors(tally)


def test_metrics_have_every_count():
    tally = Tally(pages=3, new_reviews=2)
    tally.errors["too large"] = 1
    registry = CollectorRegistry()
    registry.register(TallyCollector(tally))
    text = generate_latest(registry).decode()
    assert "scraper_pages_total 3.0" in text
    assert "scraper_new_reviews_total 2.0" in text
    assert 'scraper_errors_total{reason="too large"} 1.0' in text


def test_progress_is_shown_on_a_terminal():
    screen = io.StringIO()
    with progress(Tally(pages=3), Console(file=screen, force_terminal=True, width=200)):
        pass
    assert "3 pages" in screen.getvalue()


def test_progress_elsewhere_is_a_line_now_and_then():
    assert line(Tally(pages=3, reviews=60, new_reviews=20)).endswith(
        "0 companies, 60 reviews (20 new), 0 delivered"
    )
    screen = io.StringIO()
    with progress(Tally(), Console(file=screen, force_terminal=False)):
        pass
    assert screen.getvalue() == ""
