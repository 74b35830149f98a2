# ruff: noqa: INP001  Migrations are files that peewee runs by number, not a package.
"""A model's lineage, what the gate found, the canary and its measurements, and who did what."""

from typing import Any

LINEAGE = """
alter table model_version
    add parent text,
    add rows jsonb,
    add configuration jsonb,
    add profile jsonb,
    add size_bytes bigint check (size_bytes >= 0),
    add signature text
"""

REPORTS = """
create table gate_report (
    id bigint generated always as identity primary key,
    model_id integer not null references model_version on delete cascade,
    verdict text not null check (verdict in ('pass', 'fail')),
    against text,
    reasons jsonb not null,
    checks jsonb not null,
    figures jsonb not null,
    created_date timestamptz not null default clock_timestamp()
);
create index gate_report_of_model on gate_report (model_id, id)
"""

EVENTS = """
create table model_event (
    id bigint generated always as identity primary key,
    created_date timestamptz not null default clock_timestamp(),
    who text not null,
    action text not null,
    name text,
    version text,
    reason text,
    details jsonb
);
create index model_event_by_date on model_event (created_date, id);
call count_rows_of('model_event')
"""

# What is a record of the past cannot be written over, whatever the code does.
RECORDS = """
create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '%% is a record and cannot be changed', tg_table_name;
end $$;
create trigger model_version_stays before update on model_version
    for each row execute function refuse_change();
create trigger gate_report_stays before update on gate_report
    for each row execute function refuse_change();
create trigger model_event_stays before update on model_event
    for each row execute function refuse_change()
"""

# The one row is also the lock under which aliases and the canary are changed, so that none of
# two changes is lost. `step` counts the changes of weight: it tells measurements apart that were
# made in the same minute, before and after a change.
CANARY = """
create table canary (
    id integer primary key default 1 check (id = 1),
    weight integer not null default 0 check (weight between 0 and 10000),
    shadow integer not null default 0 check (shadow between 0 and 10000),
    step bigint not null default 0,
    policy jsonb not null default '{}',
    changed_date timestamptz not null default clock_timestamp()
);
insert into canary (id) values (1)
"""

MEASUREMENTS = """
alter table review add visitor_bucket smallint check (visitor_bucket between 0 and 9999);
create index review_by_scored_date on review (scored_date, model_version);
create table model_call_count (
    minute timestamptz not null,
    step bigint not null,
    version text not null,
    role text not null check (role in ('production', 'canary', 'shadow')),
    bucket smallint not null,
    calls bigint not null,
    primary key (minute, step, version, role, bucket)
) with (fillfactor = 50);
create table shadow_score (
    review_id bigint not null references review on delete cascade,
    version text not null,
    score double precision not null check (score between 0 and 1),
    step bigint not null,
    created_date timestamptz not null default clock_timestamp(),
    primary key (review_id, version)
);
create index shadow_score_by_date on shadow_score (created_date)
"""


def up(_migrator: Any, db: Any) -> None:  # noqa: ANN401 (playhouse has no types)
    """Create what compares a model with the one in production before it takes its place."""
    for statements in (LINEAGE, REPORTS, EVENTS, RECORDS, CANARY, MEASUREMENTS):
        db.execute_sql(statements)
