# ruff: noqa: INP001  Migrations are files that peewee runs by number, not a package.
"""What owners see of their reviews, and what guards the training data."""

from typing import Any

# A sender is the client's address under a key of its day; the key is deleted soon after.
SENDERS = """
alter table review add sender text;
create table address_key (
    day date primary key,
    key bytea not null
)
"""

# Reviews that wait for the owner before a model learns from them. A decision that is changed
# stays with the time it held, so that an export of training data can be repeated.
QUARANTINE = """
create table quarantine (
    id bigint primary key references review on delete cascade,
    cause text not null check (cause in ('disagreement', 'burst')),
    held_date timestamptz not null default clock_timestamp()
);
create index quarantine_by_date on quarantine (held_date, id);
create table quarantine_decision (
    id bigint generated always as identity primary key,
    review_id bigint not null references quarantine on delete cascade,
    decision text not null check (decision in ('use', 'leave_out')),
    reason text,
    who text not null,
    decided_date timestamptz not null default clock_timestamp(),
    superseded_date timestamptz
);
create index quarantine_decision_of_review on quarantine_decision (review_id);
create unique index quarantine_decision_now on quarantine_decision (review_id)
    where superseded_date is null
"""

# The indexes by date get all that sums over many reviews need, so that no text is read for those.
INDEXES = """
drop index review_by_date;
create index review_by_date on review (created_date, id)
    include (rating, suggested_rating, model_score, brand);
drop index scraped_review_by_stored_date;
create index scraped_review_by_stored_date on scraped_review (stored_date, id)
    include (rating, company);
create index review_contradicted on review (id) include (rating, model_score)
    where (rating <= 2 and model_score >= 0.67) or (rating >= 4 and model_score < 0.33)
"""

DRIFT = """
create table drift (
    alias text primary key,
    version text,
    report jsonb,
    claimed_date timestamptz not null default clock_timestamp()
)
"""


def up(_migrator: Any, db: Any) -> None:  # noqa: ANN401 (playhouse has no types)
    """Create the tables of the guards and of drift, and the indexes of the figures."""
    for statements in (SENDERS, QUARANTINE, INDEXES, DRIFT):
        db.execute_sql(statements)
