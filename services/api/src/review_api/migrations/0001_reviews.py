# ruff: noqa: INP001  Migrations are files that peewee runs by number, not a package.
"""Reviews, and the count of them all."""

from typing import Any

TABLE = """
create table review (
    id bigint generated always as identity primary key,
    created_date timestamptz not null default now(),
    review text not null,
    rating smallint not null check (rating between 1 and 5),
    suggested_rating smallint check (suggested_rating between 1 and 5),
    sentiment_score double precision check (sentiment_score between 0 and 1),
    shown_version text,
    brand text not null,
    user_agent text,
    ip_address text,
    model_score double precision check (model_score between 0 and 1),
    model_version text,
    scored_date timestamptz,
    scoring_attempts integer not null default 0,
    scoring_error text,
    words tsvector generated always as (to_tsvector('simple', review)) stored
)
"""

# Every order that reviews are listed in ends in the id, so that a page is found by key.
INDEXES = """
create index review_by_date on review (created_date, id);
create index review_by_rating on review (rating, id);
create index review_by_brand on review (lower(brand), id);
create index review_by_score on review ((coalesce(model_score, -1)), id);
create index review_by_version on review (model_version, id);
create index review_words on review using gin (words);
create index review_to_score on review (scoring_attempts, id)
    where model_score is null and scoring_error is null
"""

# The count is spread over sixteen rows: writers of different connections rarely wait for
# each other, and the sum is exact in every transaction's own view.
COUNT = """
create table review_count (
    slot integer primary key, reviews bigint not null
) with (fillfactor = 50);
insert into review_count select slot, 0 from generate_series(0, 15) as slot;

create function count_reviews() returns trigger language plpgsql as $$
begin
    update review_count
    set reviews = reviews
        + (case tg_op when 'INSERT' then 1 else -1 end) * (select count(*) from changed)
    where slot = mod(pg_backend_pid(), 16);
    return null;
end $$;
create function count_no_reviews() returns trigger language plpgsql as $$
begin
    update review_count set reviews = 0;
    return null;
end $$;
create trigger review_added after insert on review referencing new table as changed
    for each statement execute function count_reviews();
create trigger review_deleted after delete on review referencing old table as changed
    for each statement execute function count_reviews();
create trigger review_truncated after truncate on review
    for each statement execute function count_no_reviews()
"""


def up(_migrator: Any, db: Any) -> None:  # noqa: ANN401 (playhouse has no types)
    """Create the tables of reviews."""
    for statements in (TABLE, INDEXES, COUNT):
        db.execute_sql(statements)
