"""Pages by key: every order, both ways, equal to a plain ORDER BY."""

from itertools import chain
from typing import get_args
from urllib.parse import parse_qs, urlsplit

import pytest
from requests.utils import parse_header_links

from review_api.paging import COUNT_LIMIT, Cursor
from review_api.schemas import Sort

pytestmark = pytest.mark.integration

ORDER_BY = {
    "created_date": "created_date",
    "rating": "rating",
    "model_score": "coalesce(model_score, -1)",
    "brand": "lower(brand)",
}
MANY_EQUAL_KEYS = """
insert into review (created_date, review, rating, brand, model_score, model_version)
select timestamptz '2026-01-01' + mod(i, 7) * interval '1 day 1 microsecond',
       case when mod(i, 3) = 0 then 'Good shoes, don''t fit' else 'bad coat' end,
       1 + mod(i, 5), (array['b', 'A', 'a', 'É', 'Z'])[1 + mod(i, 5)],
       case when mod(i, 4) > 0 then round(mod(i, 3) / 3.0, 3) end,
       case when mod(i, 4) > 0 then '1.0' end
from generate_series(1, 103) as i
"""


@pytest.fixture(autouse=True)
def reviews(db):
    db.execute_sql(MANY_EQUAL_KEYS)


@pytest.fixture
def get(client, reader):
    return lambda path: client.get(path, headers=reader)


def links(answer):
    header = answer.headers.get("Link", "")
    return {link["rel"]: link["url"] for link in parse_header_links(header)}


def walk(get, path, relation):
    while path:
        answer = get(path)
        assert answer.status_code == 200
        yield [row["id"] for row in answer.json]
        path = links(answer).get(relation)


def plain_order(db, sort):
    key, way = ORDER_BY[sort.removeprefix("-")], "desc" if sort.startswith("-") else "asc"
    found = db.execute_sql(f"select id from review order by {key} {way}, id {way}")
    return [row[0] for row in found]


@pytest.mark.parametrize("sort", get_args(Sort))
def test_a_walk_in_every_order_equals_a_plain_order_by(db, get, sort):
    pages = list(walk(get, f"/api/reviews?sort={sort}&limit=10", "next"))
    assert list(chain.from_iterable(pages)) == plain_order(db, sort)
    assert [len(page) for page in pages] == [10] * 10 + [3]


@pytest.mark.parametrize("sort", get_args(Sort))
def test_the_way_back_is_the_same_pages(get, sort):
    forth = list(walk(get, f"/api/reviews?sort={sort}&limit=25", "next"))
    path = f"/api/reviews?sort={sort}&limit=25"
    while "next" in links(get(path)):
        path = links(get(path))["next"]
    assert list(walk(get, path, "prev")) == forth[::-1]


def test_a_walk_misses_nothing_when_reviews_come_and_go(db, get, client, admin_client):
    before = plain_order(db, "created_date")
    first = get("/api/reviews?sort=created_date&limit=50")
    admin_client.delete(f"/api/reviews/{first.json[-1]['id']}")
    client.post("/api/review", json={"review": "new", "rating": 1, "brand": "New"})
    rest = list(chain.from_iterable(walk(get, links(first)["next"], "next")))
    assert [row["id"] for row in first.json] + rest[:-1] == before


def test_links_keep_the_filter(get):
    answer = get("/api/reviews?rating=1&rating=2&limit=5&text=b%26d")
    assert answer.status_code == 200
    answer = get("/api/reviews?rating=1&rating=2&limit=5")
    query = parse_qs(urlsplit(links(answer)["next"]).query)
    assert (query["rating"], query["limit"]) == (["1", "2"], ["5"])


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 103),
        ("brand=A", 42),
        ("brand=nobody", 0),
        ("rating=1", 20),
        ("rating=1&rating=2", 41),
        ("since=2026-01-07", 14),
        ("until=2026-01-01", 14),
        ("since=2026-01-02&until=2026-01-03", 30),
        ("since=9999-12-31", 0),
        ("until=9999-12-31", 103),
        ("until=0001-01-01", 0),
        ("text=good", 34),
        ("text=GOOD+sho", 34),
        ("text=shoes+good", 34),
        ("text=don't", 34),
        ("text=goo+shoes", 0),
        ("text=coat:*|'", 69),
        ("text=!!", 0),
        ("model_version=1.0", 78),
        ("model_version=1.0&rating=3&text=bad", 11),
    ],
)
def test_a_filter_finds_and_counts_what_matches(get, query, count):
    answer = get(f"/api/reviews?{query}&limit=1000")
    assert len(answer.json) == count
    assert answer.headers["X-Total-Count"] == str(count)
    assert answer.headers["X-Total-Count-Exact"] == "true"


def test_all_reviews_are_counted_exactly_through_deletion_and_truncation(db, get):
    db.execute_sql("delete from review where rating = 1")
    assert get("/api/reviews").headers["X-Total-Count"] == "83"
    db.execute_sql("truncate review cascade")
    assert get("/api/reviews").headers["X-Total-Count"] == "0"


def test_a_filter_with_very_many_matches_is_counted_up_to_a_limit(db, get):
    db.execute_sql(
        "insert into review (review, rating, brand)"
        f" select 'x', 5, 'Many' from generate_series(1, {COUNT_LIMIT + 1})"
    )
    answer = get("/api/reviews?brand=many&limit=1")
    assert answer.headers["X-Total-Count"] == str(COUNT_LIMIT)
    assert answer.headers["X-Total-Count-Exact"] == "false"
    assert get("/api/reviews").headers["X-Total-Count"] == str(103 + COUNT_LIMIT + 1)


def cursor(**changes):
    good = {"sort": "-rating", "forward": True, "key": "3", "id": 5}
    return Cursor.model_construct(**(good | changes)).encoded()


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "%00",
        "%F0%9F%92%A9",
        "e30",
        "bnVsbA",
        "A" * 2001,
        cursor(key='"text"'),
        cursor(key="NaN"),
        cursor(key="1e999"),
        cursor(key="[" * 500),
        cursor(id=2**63),
        cursor(id=-1),
        cursor(sort="-brand", key="3"),
        cursor(sort="-brand", key='"\\u0000"'),
        cursor(sort="-created_date", key='"yesterday"'),
    ],
)
def test_a_cursor_that_is_not_ours_is_refused(get, text):
    sort = "-rating"
    assert get(f"/api/reviews?sort={sort}&cursor={text}").status_code == 400


def test_a_cursor_of_another_order_is_refused(get):
    assert get(f"/api/reviews?sort=rating&cursor={cursor()}").status_code == 400


DEEP = "(created_date, id) < (timestamptz '2026-01-02', 5)"


@pytest.mark.parametrize("condition", ["true", DEEP])
def test_a_page_is_read_from_the_index_alone(db, condition):
    db.execute_sql("analyze review")
    with db.atomic():
        db.execute_sql("set local enable_sort = off")
        plan = db.execute_sql(
            f"explain select * from review where {condition}"
            " order by created_date desc, id desc limit 10"
        )
        text = "\n".join(row[0] for row in plan)
    assert "Index Scan Backward using review_by_date" in text
    assert "Sort" not in text
