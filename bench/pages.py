"""Pages of very many reviews: every order and filter, and the end beside the beginning."""

import re
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import get_args
from urllib.parse import parse_qs, urlencode, urlsplit

from bench import product, stored_reviews
from bench.figures import Figure, MeasurementError, Say, compared, milliseconds
from bench.load import Answer, Client, Request
from bench.product import Product
from bench.sizes import Sizes
from review_api.paging import Cursor
from review_api.schemas import Sort

LIMIT = 100
TARGET = 300
"""Milliseconds that 95 of 100 pages should stay below."""

SORTS: tuple[Sort, ...] = get_args(Sort)
DEFAULT_SORT = SORTS[0]

Query = Mapping[str, str | int]

FILTERS: dict[str, Query] = {
    "no filter": {},
    "brand": {"brand": "Brand 42"},
    "rating": {"rating": 1},
    "dates": {"since": "2020-01-01", "until": "2099-12-31"},
    "word in most reviews": {"text": "great"},
    "word in some reviews": {"text": "refund"},
    "word in a few reviews": {"text": "777"},
    "word in no review": {"text": "nowhere"},
    "model version": {"model_version": "1.1"},
}

Times = dict[tuple[str, Sort], float]
"""The p95 of a page in milliseconds, by filter and order."""


class Lists:
    """An owner's view of the lists of reviews."""

    def __init__(self, client: Client, headers: Mapping[str, str]) -> None:
        self._client = client
        self._headers = headers

    def get(self, query: Query) -> Answer:
        """Return a page."""
        path = f"/api/reviews?{urlencode({'limit': LIMIT, **query})}"
        return self._client.send(Request("GET", path, headers=self._headers))

    def cursor_of_last_page(self, sort: Sort) -> str:
        """Return the cursor from which on an order has `LIMIT` reviews more.

        One more than these are the first page of the opposite order, and its last review is the
        one they come after; walking there would take thousands of pages.
        """
        first = self.get({"sort": opposite(sort), "limit": LIMIT + 1})
        found = Cursor.decoded(next_cursor(first.headers.get("Link", "")))
        return found.model_copy(update={"sort": sort}).encoded()


def measure(sizes: Sizes, say: Say) -> list[Figure]:
    """Return the times of pages among some reviews, and of the ends among many."""
    say("starting the product")
    with product.running() as candor:
        stored_reviews.fill(candor.database_url, 1, sizes.some_rows, say)
        with _open_lists(candor) as lists:
            times = _time_filters(lists, sizes, say)
        stored_reviews.fill(candor.database_url, sizes.some_rows + 1, sizes.many_rows, say)
        with _open_lists(candor) as lists:
            ends = [figure for sort in SORTS for figure in _compare_ends(lists, sort, sizes, say)]
    return [*summary(times, sizes.some_rows), *ends]


@contextmanager
def _open_lists(candor: Product) -> Iterator[Lists]:
    """Give the lists over a new connection, since the API closes one that is idle for long."""
    with closing(Client(candor.api_port)) as client:
        yield Lists(client, candor.owner_headers())


def opposite(sort: Sort) -> Sort:
    """Return the order that lists the same reviews backwards."""
    wanted = sort.removeprefix("-") if sort.startswith("-") else f"-{sort}"
    return next(other for other in SORTS if other == wanted)


def next_cursor(links: str) -> str:
    """Return the cursor of the next page in the value of a Link header (RFC 8288).

    Raises:
        MeasurementError: there is no next page.
    """
    found = re.search(r'<([^>]*)>; rel="next"', links)
    if not found:
        raise MeasurementError("there are too few reviews for a second page")
    return parse_qs(urlsplit(found.group(1)).query)["cursor"][0]


def summary(times: Times, rows: int) -> list[Figure]:
    """Return each order alone, each filter in the default order, and the worst of all pairs."""
    worst = max(times, key=times.__getitem__)
    chosen = {
        **{f"by {sort}": ("no filter", sort) for sort in SORTS},
        **{f"filter: {name}": (name, DEFAULT_SORT) for name in FILTERS if FILTERS[name]},
        f"worst of all pairs ({worst[0]}, by {worst[1]})": worst,
    }
    return [
        Figure(f"{rows:,} rows, {name}, p95", times[pair], "ms", at_most=TARGET)
        for name, pair in chosen.items()
    ]


def _time_filters(lists: Lists, sizes: Sizes, say: Say) -> Times:
    times: Times = {}
    for name, query in FILTERS.items():
        say(f"{sizes.some_rows:,} rows: {name}, in every order")
        for sort in SORTS:
            seconds = [lists.get({**query, "sort": sort}).seconds for _ in range(sizes.pages)]
            times[name, sort] = milliseconds(seconds, 95)
    return times


def _compare_ends(lists: Lists, sort: Sort, sizes: Sizes, say: Say) -> list[Figure]:
    """Return the time of the first page, and of the last beside it; they take turns."""
    say(f"{sizes.many_rows:,} rows: both ends by {sort}")
    first: Query = {"sort": sort}
    last: Query = {"sort": sort, "cursor": lists.cursor_of_last_page(sort)}
    if 'rel="next"' in lists.get(last).headers.get("Link", ""):
        raise MeasurementError(f"the last page by {sort} is not the last")
    turns = [(lists.get(first).seconds, lists.get(last).seconds) for _ in range(sizes.pages)]
    at_first, at_last = (milliseconds(seconds, 50) for seconds in zip(*turns, strict=True))
    name = f"{sizes.many_rows:,} rows, by {sort}"
    return [
        Figure(f"{name}, first page, p50", at_first, "ms"),
        compared(f"{name}, last page, p50", at_last, "ms", at_first, "first page"),
    ]
