"""Lists of scraped reviews and of companies: in every order, by every filter, counted."""

import csv
import io
import json
from itertools import chain
from typing import get_args

import pytest
from requests.utils import parse_header_links

from review_api.scraped_schemas import CompanySort, ScrapedSort

pytestmark = pytest.mark.integration

ORDER_BY = {
    "stored_date": "stored_date",
    "date": "coalesce(date, '0001-01-01')",
    "rating": "rating",
    "company": "lower(company)",
    "name": "lower(name)",
}
REVIEWS = """
insert into scraped_review
    (site, site_id, company_url, company, text, rating, date, page_url, stored_date)
select (array['demo', 'other'])[1 + mod(i, 2)], i, 'http://x/c',
       (array['b', 'A', 'a', 'É', 'Z'])[1 + mod(i, 5)],
       case when mod(i, 3) = 0 then 'Good shoes' else '=bad coat' end, 1 + mod(i, 5),
       case when mod(i, 4) > 0 then date '2026-01-01' + mod(i, 7) end, 'http://x/c',
       timestamptz '2026-01-01' + mod(i, 7) * interval '1 day'
from generate_series(1, 103) as i
"""
COMPANIES = """
insert into company (site, url, name)
select 'demo', 'http://x/' || i, (array['b', 'A', 'a', 'É', 'Z'])[1 + mod(i, 5)]
from generate_series(1, 53) as i
"""
LISTS = [("scraped-reviews", "scraped_review", sort) for sort in get_args(ScrapedSort)]
LISTS += [("companies", "company", sort) for sort in get_args(CompanySort)]


@pytest.fixture(autouse=True)
def rows(db):
    for statement in (REVIEWS, COMPANIES):
        db.execute_sql(statement)


@pytest.fixture
def get(client, reader):
    def get(path):
        answer = client.get(path, headers=reader)
        assert answer.status_code == 200
        return answer

    return get


def walk(get, path, relation):
    while path:
        answer = get(path)
        yield [row["id"] for row in answer.json]
        found = parse_header_links(answer.headers.get("Link", ""))
        path = next((link["url"] for link in found if link["rel"] == relation), None)
        last = answer.request.full_path
    walk.last = last


@pytest.mark.parametrize(("name", "table", "sort"), LISTS)
def test_a_walk_both_ways_equals_a_plain_order_by(db, get, name, table, sort):
    key, way = ORDER_BY[sort.removeprefix("-")], "desc" if sort.startswith("-") else "asc"
    expected = db.execute_sql(f"select id from {table} order by {key} {way}, id {way}")
    forth = list(walk(get, f"/api/{name}?sort={sort}&limit=20", "next"))
    assert list(chain.from_iterable(forth)) == [row[0] for row in expected]
    assert list(walk(get, walk.last, "prev")) == forth[::-1]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("scraped-reviews?", 103),
        ("scraped-reviews?site=demo", 51),
        ("scraped-reviews?site=nobody", 0),
        ("scraped-reviews?company=A", 42),
        ("scraped-reviews?rating=1&rating=2", 41),
        ("scraped-reviews?text=shoes+goo", 34),
        ("scraped-reviews?since=2026-01-02&until=2026-01-03", 22),
        ("scraped-reviews?since=2026-01-01", 78),
        ("scraped-reviews?until=2026-01-01", 36),
        ("scraped-reviews?site=demo&rating=1&company=b", 10),
        ("companies?site=demo", 53),
        ("companies?site=nobody", 0),
    ],
)
def test_a_filter_finds_and_counts_what_matches(get, query, count):
    answer = get(f"/api/{query}&limit=1000")
    assert len(answer.json) == count
    assert answer.headers["X-Total-Count"] == str(count)
    assert answer.headers["X-Total-Count-Exact"] == "true"


def test_all_rows_are_counted_exactly_through_deletion_and_truncation(db, get):
    db.execute_sql("delete from company where site = 'demo' and name = 'Z'")
    brands = db.execute_sql("select count(*) from company where site is null").fetchone()[0]
    assert get("/api/companies").headers["X-Total-Count"] == str(brands + 43)
    db.execute_sql("delete from scraped_review where rating = 1")
    assert get("/api/scraped-reviews").headers["X-Total-Count"] == "83"
    db.execute_sql("truncate scraped_review cascade")
    assert get("/api/scraped-reviews").headers["X-Total-Count"] == "0"


def test_a_cursor_of_another_list_is_refused(client, get, reader):
    link = parse_header_links(get("/api/scraped-reviews?limit=1").headers["Link"])[0]["url"]
    cursor = link.split("cursor=")[1]
    answer = client.get(f"/api/companies?cursor={cursor}", headers=reader)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        "scraped-reviews?sort=brand",
        "scraped-reviews?brand=x",
        "scraped-reviews?since=yesterday",
        "scraped-reviews?limit=1001",
        "companies?sort=-rating",
        "companies?name=x",
    ],
)
def test_a_bad_query_is_refused(client, reader, query):
    assert client.get(f"/api/{query}", headers=reader).status_code == 400


def test_csv_has_every_row_and_no_formula(get):
    answer = get("/api/scraped-reviews?format=csv&site=demo&rating=2")
    found = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert len(found) == 10
    assert {row["text"] for row in found} == {"Good shoes", "'=bad coat"}
    assert "scraped-reviews.csv" in answer.headers["Content-Disposition"]


def test_ndjson_has_every_row(get):
    lines = get("/api/companies?format=ndjson&site=demo").text.splitlines()
    assert len({json.loads(line)["url"] for line in lines}) == len(lines) == 53


@pytest.mark.parametrize(
    ("key", "index"),
    [
        ("stored_date", "scraped_review_by_stored_date"),
        ("coalesce(date, date '0001-01-01')", "scraped_review_by_date"),
        ("rating", "scraped_review_by_rating"),
        ("lower(company)", "scraped_review_by_company"),
    ],
)
def test_every_order_is_read_from_its_index(db, key, index):
    with db.atomic():
        db.execute_sql("set local enable_sort = off")
        plan = db.execute_sql(
            f"explain select * from scraped_review order by {key} desc, id desc limit 10"
        )
        text = "\n".join(row[0] for row in plan)
    assert f"Index Scan Backward using {index}" in text
