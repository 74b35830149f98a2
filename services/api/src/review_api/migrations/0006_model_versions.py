# ruff: noqa: INP001  Migrations are files that peewee runs by number, not a package.
"""Versions of models, and the names under which they are in use."""

from typing import Any

TABLES = """
create table model_version (
    id integer generated always as identity primary key,
    name text not null,
    version text not null,
    uri text not null,
    sha256 text not null,
    metrics jsonb,
    data_digest text,
    code_revision text,
    created_date timestamptz not null default clock_timestamp(),
    unique (name, version)
);
create index model_version_by_date on model_version (created_date, id);
create table model_alias (
    name text primary key,
    model_id integer not null references model_version,
    changed_date timestamptz not null default clock_timestamp()
);
call count_rows_of('model_version')
"""


def up(_migrator: Any, db: Any) -> None:  # noqa: ANN401 (playhouse has no types)
    """Create the tables of model versions."""
    db.execute_sql(TABLES)
