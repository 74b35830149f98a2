# ruff: noqa: INP001  Migrations are files that peewee runs by number, not a package.
"""Admins, their sessions, tokens, request limits and idempotency keys."""

from typing import Any

TABLES = """
create table admin (
    id integer generated always as identity primary key,
    username text not null unique,
    password_hash text not null,
    created_date timestamptz not null default now()
);
create table session (
    token_hash text primary key,
    admin_id integer not null references admin on delete cascade,
    expires timestamptz not null
);
create index session_of_admin on session (admin_id);
create table token (
    id integer generated always as identity primary key,
    name text not null,
    scopes text not null,
    token_hash text not null unique,
    created_date timestamptz not null default now(),
    expires timestamptz
);
create table idempotency_key (
    key text primary key,
    body_hash text not null,
    review_id bigint references review on delete cascade,
    answer text,
    created_date timestamptz not null default now()
);
create index idempotency_key_of_review on idempotency_key (review_id);
create index idempotency_key_by_date on idempotency_key (created_date)
"""

# Losing the limits in a crash is harmless, so they are kept out of the write-ahead log.
LIMITS = """
create unlogged table request_limit (
    bucket text primary key,
    free_at timestamptz not null
) with (fillfactor = 50)
"""


def up(_migrator: Any, db: Any) -> None:  # noqa: ANN401 (playhouse has no types)
    """Create the tables that say who may do what, and how often."""
    for statements in (TABLES, LIMITS):
        db.execute_sql(statements)
