"""Fills the database with scored reviews by SQL, as many as no client could send in time."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import psycopg2

from bench.figures import Say

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection  # noqa: N812  # It is a class.

CHUNK = 50_000

WORDS = (
    "great and the delivery was quick it fits well but sleeves are short colour lasted after "
    "washing service answered my mail same day price fair quality could be better would buy "
    "again wrong size arrived late box damaged refund took weeks love this jacket"
)
"""The first words are drawn most often: hardly a review lacks `great`, and few have `refund`."""

INSERT = """
insert into review (created_date, review, rating, brand, model_score, model_version, scored_date)
select
    now() - n * interval '1 minute',
    array_to_string(array(
        select words[1 + floor(random() * random() * cardinality(words))::int]
        from generate_series(1, 15 + n %% 30)
    ), ' ') || ' ' || n,
    1 + floor(random() * 5),
    'Brand ' || n %% 100,
    random(),
    '1.' || n %% 3,
    now()
from generate_series(%(first)s, %(last)s) as n, string_to_array(%(words)s, ' ') as words
"""


def fill(database_url: str, first: int, last: int, say: Say) -> None:
    """Store the reviews number `first` to `last`, then tidy up as autovacuum would in time."""
    with _connection(database_url) as connection, connection.cursor() as cursor:
        cursor.execute("select setseed(0.5)")
        for start in range(first, last + 1, CHUNK):
            end = min(start + CHUNK - 1, last)
            cursor.execute(INSERT, {"first": start, "last": end, "words": WORDS})
            say(f"{end:,} of {last:,} reviews stored")
        say("vacuum")
        cursor.execute("vacuum analyze review")


@contextmanager
def _connection(database_url: str) -> Iterator["Connection"]:
    with closing(psycopg2.connect(database_url)) as connection:
        connection.autocommit = True
        yield connection
