# ruff: noqa: INP001  Migrations are files that peewee runs by number, not a package.
"""A review is dated when it is written to its table, not when its transaction began.

An export of training data takes everything stored before a moment. It waits for the writers of
that moment by a lock on the table, which a writer has before it reads the clock here.
"""

from typing import Any


def up(_migrator: Any, db: Any) -> None:  # noqa: ANN401 (playhouse has no types)
    """Read the clock at the insert itself."""
    db.execute_sql("alter table review alter created_date set default clock_timestamp()")
