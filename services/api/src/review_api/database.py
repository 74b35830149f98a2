"""The connection pool and the migrations."""

import select
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import peewee
import psycopg2
from flask import Flask
from peewee import PostgresqlDatabase
from playhouse.migrations import Runner
from playhouse.pool import MaxConnectionsExceeded, PooledPostgresqlDatabase

MIGRATIONS = Path(__file__).with_name("migrations")
MIGRATION_LOCK = 0x43616E646F72
"""The key of the advisory lock under which migrations run: "Candor" in ASCII."""

AWAY = (
    peewee.OperationalError,
    peewee.InterfaceError,
    psycopg2.OperationalError,
    psycopg2.InterfaceError,
    MaxConnectionsExceeded,
)
"""What is raised while the database is away or busy; peewee does not wrap all of the driver's."""

CONNECT: dict[str, Any] = {
    "connect_timeout": 3,
    "tcp_user_timeout": 10_000,
    "application_name": "review-api",
}
REQUEST_OPTIONS = (
    "-c timezone=UTC -c statement_timeout=15s -c idle_in_transaction_session_timeout=60s"
)


class Pool(PooledPostgresqlDatabase):  # type: ignore[misc]  # playhouse ships no types.
    """A pool that notices at check-out when the server has closed an idle connection."""

    def _is_closed(self, connection: Any) -> bool:  # noqa: ANN401 (psycopg2's own type)
        return super()._is_closed(connection) or _has_hung_up(connection)


def _has_hung_up(connection: Any) -> bool:  # noqa: ANN401 (psycopg2's own type)
    """Say whether there is something to read on an idle connection, which only is a farewell."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


database = Pool(None, timeout=5)


def open_pool(url: str, size: int) -> None:
    """Point the pool at a database; connections are made when first needed."""
    database.close_idle()
    database.init(url, max_connections=size, options=REQUEST_OPTIONS, **CONNECT)


def open_apart() -> Any:  # noqa: ANN401 (psycopg2's own type)
    """Return a connection outside the pool, in a transaction, for streams that outlive a request.

    Its statements see one snapshot. Its cursors are planned for their first rows: read from an
    index rather than sorted whole.
    """
    options = f"{REQUEST_OPTIONS} -c cursor_tuple_fraction=0.0001"
    connection = psycopg2.connect(database.database, options=options, **CONNECT)
    connection.set_session(isolation_level="REPEATABLE READ")
    return connection


def init_app(app: Flask) -> None:
    """Open the pool for an application and give connections back after each request."""
    settings = app.extensions["settings"]
    open_pool(settings.database_url, settings.api_threads + 2)
    app.teardown_appcontext(lambda _error: give_back())


def give_back() -> None:
    """Return this thread's connection to the pool, which drops it when it is broken."""
    if not database.is_closed():
        database.close()


def migrate(url: str) -> list[str]:
    """Apply every pending migration, one process at a time; return the names applied."""
    target = PostgresqlDatabase(url, options="-c timezone=UTC", **CONNECT)
    with target.connection_context(), _advisory_lock(target):
        applied: list[str] = Runner(target, str(MIGRATIONS)).up()
    return applied


@contextmanager
def _advisory_lock(target: Any) -> Iterator[None]:  # noqa: ANN401 (execute_sql has no types)
    target.execute_sql("select pg_advisory_lock(%s)", (MIGRATION_LOCK,))
    try:
        yield
    finally:
        target.execute_sql("select pg_advisory_unlock(%s)", (MIGRATION_LOCK,))


def pending_migrations() -> list[str]:
    """Return the names of the migrations that the database still lacks."""
    runner = Runner(database, str(MIGRATIONS))
    return [migration.name for migration in runner.status() if not migration.applied]
