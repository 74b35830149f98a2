# ruff: noqa: INP001  Migrations are files that peewee runs by number, not a package.
"""What the scraper collects: companies beside the well-known brands, and their reviews."""

from typing import Any

# A scraped company is known by its site and address there; the brands have neither. An unknown
# website is empty, not null, because the release before this one gives it as text.
COMPANIES = """
alter table company
    drop constraint company_name_key,
    alter website set default '',
    add site text,
    add url text,
    add category text,
    add sub_category text,
    add stored_date timestamptz not null default clock_timestamp(),
    add changed_date timestamptz,
    add check ((site is null) = (url is null));
create unique index company_brand on company (name) where site is null;
create unique index company_scraped on company (site, url);
create index company_by_name on company (lower(name), id);
create index company_by_date on company (stored_date, id);
call count_rows_of('company')
"""

REVIEWS = """
create table scraped_review (
    id bigint generated always as identity primary key,
    site text not null,
    site_id text not null,
    company_url text not null,
    company text not null,
    title text,
    text text not null,
    rating smallint not null check (rating between 1 and 5),
    date date,
    language text,
    page_url text not null,
    stored_date timestamptz not null default clock_timestamp(),
    changed_date timestamptz,
    words tsvector generated always as (to_tsvector('simple', text)) stored,
    unique (site, site_id)
);
create index scraped_review_by_stored_date on scraped_review (stored_date, id);
create index scraped_review_by_date on scraped_review ((coalesce(date, date '0001-01-01')), id);
create index scraped_review_by_rating on scraped_review (rating, id);
create index scraped_review_by_company on scraped_review (lower(company), id);
create index scraped_review_by_version
    on scraped_review ((coalesce(changed_date, stored_date)), id);
create index scraped_review_words on scraped_review using gin (words);
call count_rows_of('scraped_review')
"""

# What a review said before its site changed it, so that an export of training data can be
# repeated; it goes when the review goes.
PAST = """
create table scraped_review_past (
    review_id bigint not null references scraped_review on delete cascade,
    stored_date timestamptz not null,
    superseded_date timestamptz not null,
    company text not null,
    text text not null,
    rating smallint not null,
    date date
);
create index scraped_review_past_of_review on scraped_review_past (review_id);
create index scraped_review_past_by_end on scraped_review_past (superseded_date);

create function keep_past_of_scraped_review() returns trigger language plpgsql as $$
begin
    insert into scraped_review_past
    select past.id, coalesce(past.changed_date, past.stored_date), present.changed_date,
           past.company, past.text, past.rating, past.date
    from past join present using (id)
    where past.changed_date is distinct from present.changed_date;
    return null;
end $$;
create trigger scraped_review_changed after update on scraped_review
    referencing old table as past new table as present
    for each statement execute function keep_past_of_scraped_review()
"""

# The scraper finds a deleted review again; it must not come back.
DELETED = """
create table scraped_review_deleted (
    site text not null,
    site_id text not null,
    primary key (site, site_id)
);
create function keep_deleted_scraped_review() returns trigger language plpgsql as $$
begin
    insert into scraped_review_deleted select site, site_id from gone on conflict do nothing;
    return null;
end $$;
create function refuse_deleted_scraped_review() returns trigger language plpgsql as $$
begin
    if exists (
        select from scraped_review_deleted as gone
        where gone.site = new.site and gone.site_id = new.site_id
    ) then
        return null;
    end if;
    return new;
end $$;
create trigger scraped_review_gone after delete on scraped_review
    referencing old table as gone
    for each statement execute function keep_deleted_scraped_review();
create trigger scraped_review_comes before insert on scraped_review
    for each row execute function refuse_deleted_scraped_review()
"""


def up(_migrator: Any, db: Any) -> None:  # noqa: ANN401 (playhouse has no types)
    """Make room for scraped companies and create the tables of scraped reviews."""
    for statements in (COMPANIES, REVIEWS, PAST, DELETED):
        db.execute_sql(statements)
