"""How often a client may do something, counted in Postgres for all workers.

Each client has a bucket that a request fills by one part and time empties (the generic cell rate
algorithm): ``free_at`` is when it will be empty again, and a request that would move it further
than a minute ahead is refused. A row is worthless once ``free_at`` has passed; the worker deletes
those, so addresses are not kept here for longer than needed.
"""

from math import ceil

from review_api.database import database
from review_api.problems import Problem

SPEND = """
insert into request_limit as mine (bucket, free_at)
values (%(bucket)s, now() + %(part)s * interval '1 second')
on conflict (bucket) do update
set free_at = greatest(mine.free_at, now()) + %(part)s * interval '1 second'
where greatest(mine.free_at, now()) + %(part)s * interval '1 second' <= now() + interval '1 minute'
returning free_at
"""
WAIT = """
select extract(epoch from free_at - now()) - 60 + %(part)s from request_limit
where bucket = %(bucket)s
"""


def spend(bucket: str, per_minute: int) -> None:
    """Count one request.

    Raises:
        Problem: 429 with Retry-After when the bucket is full; a limit of 0 never is.
    """
    if per_minute == 0:
        return
    values = {"bucket": bucket, "part": 60 / per_minute}
    if database.execute_sql(SPEND, values).fetchone() is None:
        raise _too_many(values)


def _too_many(values: dict[str, object]) -> Problem:
    row = database.execute_sql(WAIT, values).fetchone()
    seconds = max(1, ceil(row[0])) if row else 1
    return Problem(
        429,
        f"too many requests; try again in {seconds} s",
        headers={"Retry-After": str(seconds)},
    )


def forgive(bucket: str) -> None:
    """Empty a bucket."""
    database.execute_sql("delete from request_limit where bucket = %s", (bucket,))
