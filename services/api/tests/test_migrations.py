"""Migrations: one process at a time, once each, leaving what the models expect."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from peewee import IntegrityError, PostgresqlDatabase
from playhouse.migrations import Runner

from review_api import database, models

pytestmark = pytest.mark.integration


@pytest.fixture
def empty_url(postgres):
    postgres.psql("drop database if exists fresh with (force)")
    postgres.psql("create database fresh")
    return postgres.get_uri(database="fresh")


def test_migrations_started_at_the_same_time_run_once(empty_url):
    with ThreadPoolExecutor(4) as pool:
        applied = list(pool.map(database.migrate, [empty_url] * 4))
    assert sorted(map(len, applied)) == [0, 0, 0, len(list(database.MIGRATIONS.glob("0*.py")))]


def test_readiness_waits_for_migrations(make_app, empty_url):
    client = make_app(database_url=empty_url).test_client()
    assert client.get("/readyz").status_code == 503
    assert client.get("/api/companies/random").status_code == 503
    assert client.get("/healthz").status_code == 200
    database.migrate(empty_url)
    assert client.get("/readyz").status_code == 200


def test_the_tables_are_what_the_models_say(db):
    for model in models.Table.__subclasses__():
        meta = model._meta
        columns = {(one.name, one.null) for one in db.get_columns(meta.table_name)}
        fields = {(field.column_name, field.null) for field in meta.sorted_fields}
        assert fields <= columns
        assert columns - fields <= {("words", True)}


RELEASE_BEFORE = [
    "insert into review (review, rating, brand) values ('old', 3, 'Acme')",
    "select sum(reviews) from review_count",
    "select id, name, website, logo_url from company order by random() limit 1",
    "delete from review",
]
"""What the code asks of the database that knows only the first three migrations."""


def test_the_release_before_works_on_with_these_tables(empty_url):
    target = PostgresqlDatabase(empty_url)
    with target.connection_context():
        Runner(target, str(database.MIGRATIONS)).up("0003_companies")
        target.execute_sql("insert into review (review, rating, brand) values ('x', 1, 'y')")
        database.migrate(empty_url)
        target.execute_sql("insert into company (site, url, name) values ('a', 'b', 'c')")
        insert, count, company, delete = RELEASE_BEFORE
        target.execute_sql(insert)
        assert target.execute_sql(count).fetchone()[0] == 2
        assert None not in target.execute_sql(company).fetchone()[:3]
        target.execute_sql(delete)
        assert target.execute_sql(count).fetchone()[0] == 0


WITHOUT_A_CANARY = """
insert into model_version (name, version, uri, sha256) values ('m', '1', 'file:///m', 'a')
    on conflict (name, version) do nothing;
insert into model_alias (name, model_id) select 'production', id from model_version
    on conflict (name) do update set model_id = excluded.model_id;
insert into review (review, rating, brand) values ('old', 3, 'Acme');
update review set model_score = 0.5, model_version = '1', scored_date = now()
"""
"""What the code that knows no canary asks of the database."""


def test_the_release_without_a_canary_works_on_with_these_tables(empty_url):
    target = PostgresqlDatabase(empty_url)
    with target.connection_context():
        Runner(target, str(database.MIGRATIONS)).up("0007_storage_date")
        target.execute_sql(WITHOUT_A_CANARY)
        database.migrate(empty_url)
        target.execute_sql(WITHOUT_A_CANARY)
        production = "select version from model_alias join model_version on model_id = id"
        assert target.execute_sql(production).fetchall() == [("1",)]


def test_a_brands_name_is_still_unique(db):
    with pytest.raises(IntegrityError), db.atomic():
        db.execute_sql("insert into company (name, website) values ('Adidas', 'x')")


def test_about_a_hundred_brands_are_there_to_begin_with(db):
    websites = [row[0] for row in db.execute_sql("select website from company")]
    assert 90 <= len(set(websites)) == len(websites) <= 120
    assert all(website.startswith("https://") for website in websites)
