# ruff: noqa: INP001  Migrations are files that peewee runs by number, not a package.
"""One count for every table that is listed, where reviews had one of their own."""

from typing import Any

# As in the count of reviews before: sixteen rows a table, so that writers of different
# connections rarely wait for each other. The driver wants a percent sign written twice.
COUNTS = """
create table row_count (
    table_name text not null,
    slot integer not null,
    rows bigint not null default 0,
    primary key (table_name, slot)
) with (fillfactor = 50);

create function count_rows() returns trigger language plpgsql as $$
declare
    difference bigint := (case tg_op when 'INSERT' then 1 else -1 end)
        * (select count(*) from changed);
begin
    if difference <> 0 then
        update row_count set rows = rows + difference
        where table_name = tg_table_name and slot = mod(pg_backend_pid(), 16);
    end if;
    return null;
end $$;
create function count_no_rows() returns trigger language plpgsql as $$
begin
    update row_count set rows = 0 where table_name = tg_table_name;
    return null;
end $$;

create procedure count_rows_of(counted text) language plpgsql as $$
begin
    execute format('lock table %%I in share row exclusive mode', counted);
    insert into row_count (table_name, slot)
    select counted, slot from generate_series(0, 15) as slot;
    execute format(
        'update row_count set rows = (select count(*) from %%1$I)'
        ' where table_name = %%1$L and slot = 0', counted);
    execute format(
        'create trigger %%1$s_added after insert on %%1$I referencing new table as changed'
        ' for each statement execute function count_rows()', counted);
    execute format(
        'create trigger %%1$s_deleted after delete on %%1$I referencing old table as changed'
        ' for each statement execute function count_rows()', counted);
    execute format(
        'create trigger %%1$s_truncated after truncate on %%1$I'
        ' for each statement execute function count_no_rows()', counted);
end $$
"""

# The release before this one reads `review_count`, which a view still answers.
REVIEWS = """
drop trigger review_added on review;
drop trigger review_deleted on review;
drop trigger review_truncated on review;
drop function count_reviews();
drop function count_no_reviews();
drop table review_count;
call count_rows_of('review');
create view review_count as
    select slot, rows as reviews from row_count where table_name = 'review'
"""


def up(_migrator: Any, db: Any) -> None:  # noqa: ANN401 (playhouse has no types)
    """Count rows of any table, beginning with reviews."""
    for statements in (COUNTS, REVIEWS):
        db.execute_sql(statements)
