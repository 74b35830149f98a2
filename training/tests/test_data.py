import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from trainer import data


@pytest.fixture
def write(tmp_path):
    def write(name, **columns):
        path = tmp_path / name
        pq.write_table(pa.table(columns), path)
        return path

    return write


def test_stars_become_three_classes(write):
    path = write("r.parquet", text=list("abcde"), rating=[1, 2, 3, 4, 5])
    reviews = data.read([path])
    assert reviews.labels.tolist() == [0, 0, 1, 2, 2]
    assert reviews.stars.tolist() == [1, 2, 3, 4, 5]


def test_rows_without_text_or_label_are_left_out(write):
    path = write("r.parquet", text=["a", "", None, "d", "e"], rating=[1, 1, 1, None, 9])
    assert data.read([path]).texts == ["a"]


def test_a_csv_is_read_like_parquet(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text('text,rating_class\n"two\nlines",2\n')
    reviews = data.read([path])
    assert (reviews.texts, reviews.labels.tolist()) == (["two\nlines"], [2])


def test_rows_are_filtered_only_in_files_that_have_the_column(write):
    first = write("a.parquet", text=["a", "b"], rating=[1, 1], use=["core", "extra"])
    second = write("b.parquet", text=["c"], rating=[5])
    keep = data.parse_keep(["use=core"])
    assert data.read([first, second], keep).texts == ["a", "c"]


def test_a_company_is_never_on_both_sides(write):
    companies = [f"company {n % 50}" for n in range(600)]
    texts = [f"text {n}" for n in range(600)]
    path = write("r.parquet", text=texts, rating=[1, 3, 5] * 200, company=companies)
    training, validation = data.split(data.read([path]))
    assert len(validation) > 0
    assert not set(training.groups) & set(validation.groups)


def test_the_split_is_the_same_whatever_the_order_and_balanced(write):
    texts = [f"text {n}" for n in range(3000)]
    ratings = [1, 3, 5, 5, 5] * 600
    one = write("r.parquet", text=texts, rating=ratings)
    first = data.split(data.read([one]))[1]
    other = write("r.parquet", text=texts[::-1], rating=ratings[::-1])
    second = data.split(data.read([other]))[1]
    assert set(first.texts) == set(second.texts)
    counts = [int((first.labels == label).sum()) for label in range(3)]
    assert counts[0] == counts[1] == counts[2] > 0


def test_the_digest_names_the_data(write):
    one = data.read([write("a.parquet", text=["a"], rating=[1])])
    two = data.read([write("b.parquet", text=["a"], rating=[5])])
    assert data.digest(one) != data.digest(two)
    assert data.digest(one) == data.digest(one)


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"review": ["a"], "rating": [1]}, "no column `text`"),
        ({"text": ["a"]}, "neither a column `rating` nor `rating_class`"),
        ({"text": ["a"], "rating": [7]}, "no row with a text and a label"),
    ],
)
def test_data_that_cannot_be_used_is_refused_with_a_reason(write, columns, reason):
    with pytest.raises(data.DataError, match=reason):
        data.read([write("r.parquet", **columns)])


def test_a_missing_file_is_an_error_that_names_it(tmp_path):
    with pytest.raises(data.DataError, match=r"absent\.parquet"):
        data.read([tmp_path / "absent.parquet"])


def test_more_weights_than_files_are_refused(write):
    path = write("r.parquet", text=["a"], rating=[1])
    with pytest.raises(data.DataError, match="more weights"):
        data.row_weights(data.read([path]), [path], [1, 2])


def test_a_condition_without_a_value_is_refused():
    with pytest.raises(data.DataError, match="COLUMN=VALUE"):
        data.parse_keep(["use"])
