"""Exports: everything that matches, as a stream, safe to open in a spreadsheet."""

import csv
import io
import json
import tracemalloc

import pytest

from review_api import export
from review_api.models import Review


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d"])
def test_a_formula_becomes_text(start):
    assert export.cell(f"{start}cmd()") == f"'{start}cmd()"


@pytest.mark.parametrize("value", ["fine = good", 'say "hi"', "", None, -1, 0.5])
def test_what_is_no_formula_stays(value):
    assert export.cell(value) == value


@pytest.mark.integration
class TestExports:
    @pytest.fixture(autouse=True)
    def reviews(self, db):
        rows = [
            {"review": f'=HYPERLINK("x{i}")\nline "two", é', "rating": 1 + i % 5, "brand": "A,B"}
            for i in range(2500)
        ]
        with db.atomic():
            Review.insert_many(rows).execute()

    def test_csv_has_every_row_once_and_no_formula(self, client, reader):
        answer = client.get("/api/reviews?format=csv&limit=10&sort=created_date", headers=reader)
        assert answer.content_type == "text/csv; charset=utf-8"
        assert "attachment" in answer.headers["Content-Disposition"]
        rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
        assert [int(row["id"]) for row in rows] == sorted({int(row["id"]) for row in rows})
        assert len(rows) == 2500
        assert rows[0]["review"] == '\'=HYPERLINK("x0")\nline "two", é'

    def test_ndjson_has_a_review_a_line_as_it_was_written(self, client, reader):
        answer = client.get("/api/reviews?format=ndjson&rating=2", headers=reader)
        rows = [json.loads(line) for line in answer.text.splitlines()]
        assert len(rows) == 500
        assert rows[-1]["review"].startswith('=HYPERLINK("x1")\n')

    def test_the_accept_header_chooses_too(self, client, reader):
        answer = client.get("/api/reviews", headers=reader | {"Accept": "text/csv"})
        assert answer.mimetype == "text/csv"

    def test_nothing_that_matches_is_a_header_alone(self, client, reader):
        answer = client.get("/api/reviews?format=csv&brand=nobody", headers=reader)
        assert answer.text.count("\n") == 1

    def test_an_export_is_held_a_few_rows_at_a_time(self, db, client, reader):
        db.execute_sql(
            "insert into review (review, rating, brand)"
            " select repeat('long ', 200), 3, 'Acme' from generate_series(1, 10000)"
        )
        tracemalloc.start()
        answer = client.get("/api/reviews?format=ndjson", headers=reader, buffered=False)
        size = sum(len(chunk) for chunk in answer.iter_encoded())
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert size > 12_000_000
        assert peak < size / 3
