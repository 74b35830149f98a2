import json
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from trainer.config import DataConfig, SplitConfig
from trainer.data.corpus import TRAINING, VALIDATION
from trainer.data.errors import DataError
from trainer.data.prepare import prepare

ALL = {"text": ["awful", "so-so", "lovely"], "rating": [1, 3, 5]}


@pytest.fixture
def read(tmp_path):
    """Reads tables of these columns with these options."""

    def read(*tables, split=None, **options):
        paths = [tmp_path / f"{number}.parquet" for number in range(len(tables))]
        for path, table in zip(paths, tables, strict=True):
            pq.write_table(pa.table(table), path)
        config = DataConfig(data=tuple(map(str, paths)), **options)
        split = split or SplitConfig(validation=0)
        return prepare(config, split, tmp_path / "corpus", lambda _rows: None)

    return read


def stars(*values):
    return {"text": [f"text {number}" for number in range(len(values))], "rating": values}


@pytest.mark.parametrize("value", [int, float, str, Decimal, lambda n: f" {n}.0 "])
def test_stars_are_whole_numbers_however_they_are_written(read, value):
    corpus = read(stars(*map(value, [1, 2, 3, 4, 5])))
    assert corpus.stars.tolist() == [1, 2, 3, 4, 5]
    assert corpus.labels.tolist() == [0, 0, 1, 2, 2]
    assert corpus.label_names == ("bad", "average", "good")


def test_a_column_rating_class_has_classes(read):
    corpus = read({"text": list("abc"), "rating_class": [2, 0, 1]})
    assert corpus.labels.tolist() == [2, 0, 1]
    assert corpus.stars.tolist() == [0, 0, 0]


def test_a_column_label_has_names(read):
    corpus = read({"text": list("abcd"), "label": ["Good", " bad", "average", "great"]})
    assert corpus.labels.tolist() == [2, 0, 1]
    assert corpus.intake.left_out == {"no known label": 1}


def test_any_column_can_hold_the_labels_once_its_kind_is_said(read):
    table = {"review": list("abc"), "score": [0, 1, 2]}
    options = {"text_column": "review", "label_column": "score"}
    assert read(table, label_kind="classes", **options).labels.tolist() == [0, 1, 2]
    with pytest.raises(DataError, match="`score` has numbers: say with --label-kind"):
        read(table, **options)


def test_the_kind_that_is_said_goes_before_the_column_name(read):
    table = {"text": list("abc"), "rating": [0, 1, 2]}
    assert read(table, label_kind="classes").labels.tolist() == [0, 1, 2]


def test_binary_grouping_has_three_stars_and_average_as_bad(read):
    by_stars = read(stars(1, 2, 3, 4, 5), grouping="binary")
    assert by_stars.label_names == ("bad", "good")
    assert by_stars.labels.tolist() == [0, 0, 0, 1, 1]
    by_class = read({"text": list("abc"), "rating_class": [0, 1, 2]}, grouping="binary")
    assert by_class.labels.tolist() == [0, 0, 1]


def test_the_middle_can_be_ignored(read):
    options = {"grouping": "binary", "ignore_middle": True}
    corpus = read(stars(1, 3, 5), **options)
    assert corpus.stars.tolist() == [1, 5]
    assert corpus.intake.left_out == {"of 3 stars, cut by --ignore-middle": 1}
    named = read({"text": list("abc"), "label": ["bad", "average", "good"]}, **options)
    assert named.labels.tolist() == [0, 1]


@pytest.mark.parametrize(
    "value", [0, 6, 3.5, -1, 10**400, 1e308, True, None, "", "four", [4], {"stars": 4}]
)
def test_a_label_that_means_nothing_leaves_its_row_out(tmp_path, value):
    rows = [{"text": text, "rating": star} for text, star in zip("abc", [1, 3, 5], strict=True)]
    path = tmp_path / "r.ndjson"
    path.write_text(
        "".join(f"{json.dumps(row)}\n" for row in [*rows, {"text": "d", "rating": value}])
    )
    split = SplitConfig(validation=0)
    corpus = prepare(DataConfig(data=(str(path),)), split, tmp_path / "c", lambda _rows: None)
    assert corpus.intake.left_out == {"no known label": 1}


def test_a_missing_number_is_no_number(read):
    table = {"text": list("abcd"), "rating": [1.0, 3.0, 5.0, float("nan")]}
    assert read(table).intake.left_out == {"no known label": 1}


def test_rows_without_text_are_left_out_and_counted(read):
    texts = ["awful", "so-so", "lovely", "", None, " \n\t"]
    corpus = read({"text": texts, "rating": [1, 3, 5, 5, 5, 5]})
    assert corpus.intake.left_out == {"no text": 3}
    assert corpus.intake.lines() == ["6 rows read, 3 used", "3 left out: no text"]


def test_what_is_no_text_is_refused_when_nothing_else_is_there(read):
    with pytest.raises(DataError, match=r"no usable row \(3 with something else than text\)"):
        read({"text": [1, 2, 3], "rating": [1, 3, 5]})


def test_only_rows_with_the_values_to_keep_are_used_in_files_that_have_the_column(read):
    some = {"use": ["core", "extra", "more", "core"], **stars(1, 1, 1, 2)}
    corpus = read(some, ALL, keep=("use=core", "use=more"))
    assert corpus.files.tolist() == [0, 0, 0, 1, 1, 1]
    assert corpus.intake.left_out == {"cut by --keep or --drop": 1}


def test_rows_to_drop_are_left_out_of_files_that_have_the_column(read):
    some = {"source": ["yelp", "maps", "yelp", "maps"], **stars(1, 1, 1, 2)}
    corpus = read(some, ALL, drop=("source=yelp",))
    assert corpus.files.tolist() == [0, 0, 1, 1, 1]
    assert corpus.intake.left_out == {"cut by --keep or --drop": 2}


def test_the_rows_of_a_source_can_be_asked_for(read):
    corpus = read({"source": ["yelp", "maps", "yelp"], **stars(1, 3, 5)})
    assert corpus.rows_of([TRAINING, VALIDATION], "yelp").tolist() == [0, 2]
    with pytest.raises(DataError, match="there is no source 'x'; there are yelp, maps"):
        corpus.rows_of([TRAINING], "x")


def test_rows_are_balanced_within_every_source(read):
    some = {"source": ["yelp"] * 6 + ["maps"] * 3, **stars(1, 1, 1, 3, 3, 5, 1, 5, 5)}
    corpus = read(some)
    chosen = corpus.balanced(corpus.rows_of([TRAINING, VALIDATION]))
    assert sorted(corpus.labels[chosen].tolist()) == [0, 1, 2]
    assert {corpus.source_names[one] for one in corpus.sources[chosen]} == {"yelp"}


def test_the_reviews_of_a_folder_are_those_of_its_files(tmp_path):
    (tmp_path / "a.csv").write_text("text,rating\none,1\ntwo,3\n")
    (tmp_path / "b.ndjson").write_text('{"text": "three", "rating": 5}\n')
    (tmp_path / "card.json").write_text("{}")
    (tmp_path / "notes.bin").write_bytes(b"\0")
    chosen = DataConfig(data=(str(tmp_path),))
    corpus = prepare(chosen, SplitConfig(validation=0), tmp_path / "corpus", lambda _rows: None)
    assert corpus.texts[:] == ["one", "two", "three"]


def test_a_folder_without_files_of_reviews_is_refused(tmp_path):
    with pytest.raises(DataError, match="has no file of reviews"):
        prepare(
            DataConfig(data=(str(tmp_path),)), SplitConfig(), tmp_path / "c", lambda _rows: None
        )


def test_every_column_to_keep_counts_and_numbers_are_compared_as_written(read):
    table = {"year": [2019.0, 2019.0, 2020.0], "lang": ["en", "de", "en"], **stars(1, 1, 1)}
    corpus = read(table, ALL, keep=("year=2019", "lang=en"))
    assert corpus.texts[0] == "text 0"
    assert corpus.intake.left_out == {"cut by --keep or --drop": 2}


def test_sources_are_a_column_or_else_the_file(read):
    table = {"source": ["yelp", None, "yelp"], **ALL}
    corpus = read(table, ALL)
    assert corpus.source_names == ("yelp", "0.parquet", "1.parquet")
    assert corpus.sources.tolist() == [0, 1, 0, 2, 2, 2]


def test_more_sources_than_figures_can_be_given_for_are_refused(read):
    count = 2**15 + 1
    table = {"source": range(count), "text": ["a"] * count, "rating": [1] * count}
    with pytest.raises(DataError, match="more than 32,767 sources"):
        read(table)


def test_the_first_rows_that_can_be_used_are_used(read):
    table = {"text": ["", "awful", "so-so", "lovely", "more"], "rating": [1, 1, 3, 5, 5]}
    for rows in (1, 2, 100):
        corpus = read(table, ALL, max_rows=3, chunk_rows=rows)
        assert list(corpus.texts) == ["awful", "so-so", "lovely"]
        assert (corpus.intake.read, corpus.intake.used) == (4, 3)


def test_progress_is_told_after_every_chunk(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("text,rating\n" + "awful,1\nso-so,3\nlovely,5\n" * 3)
    counts = []
    config = DataConfig(data=(str(path),), chunk_rows=4)
    prepare(config, SplitConfig(validation=0), tmp_path / "corpus", counts.append)
    assert counts == [4, 8, 9]


@pytest.mark.parametrize(
    ("table", "options", "reason"),
    [
        ({"review": ["a"], "rating": [1]}, {}, "no column `text`; it has review, rating"),
        ({"text": ["a"]}, {}, "no column `rating` or `rating_class` or `label`; it has text"),
        (ALL, {"label_column": "stars"}, "no column `stars`; it has text, rating"),
        (stars(7, None), {}, r"no usable row \(2 with no known label\)"),
        (stars(1, 1, 5), {}, "none of the 3 usable rows is average"),
        (stars(1, 1), {"grouping": "binary"}, "none of the 2 usable rows is good"),
        (ALL, {"keep": ("use",)}, "form COLUMN=VALUE, not 'use'"),
        (ALL, {"keep": ("uses=core",)}, "--keep: no file has a column `uses`, but rating, text"),
        (ALL, {"keep": ("rating=7",)}, r"no usable row \(3 with cut by --keep or --drop\)"),
        (ALL, {"split": SplitConfig(hold_out=("a=b",))}, "--hold-out: no file has a column `a`"),
        (ALL, {"split": SplitConfig(group_column="a")}, "--group-column: no file has a column `a`"),
    ],
)
def test_columns_that_cannot_be_used_are_refused_with_the_reason(read, table, options, reason):
    with pytest.raises(DataError, match=reason):
        read(table, **options)
