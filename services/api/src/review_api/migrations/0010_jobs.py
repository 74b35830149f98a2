# ruff: noqa: INP001  Migrations are files that peewee runs by number, not a package.
"""Runs of jobs that are processes, and what admins did."""

from typing import Any

TABLES = """
create table job_run (
    id bigint generated always as identity primary key,
    job text not null,
    state text not null
        check (state in ('waiting', 'running', 'succeeded', 'failed', 'stopped')),
    started_by text not null,
    created_date timestamptz not null default clock_timestamp(),
    started_date timestamptz,
    finished_date timestamptz,
    reason text,
    stop_wanted boolean not null default false
);
create unique index job_run_active on job_run (job) where state in ('waiting', 'running');
create index job_run_of_job on job_run (job, id);
create table audit_event (
    id bigint generated always as identity primary key,
    created_date timestamptz not null default clock_timestamp(),
    who text not null,
    action text not null,
    subject text not null,
    details jsonb
);
create index audit_event_by_date on audit_event (created_date, id);
create index audit_event_by_subject on audit_event (subject, action, id);
call count_rows_of('audit_event')
"""


def up(_migrator: Any, db: Any) -> None:  # noqa: ANN401 (playhouse has no types)
    """Create the tables of jobs and of audit events."""
    db.execute_sql(TABLES)
