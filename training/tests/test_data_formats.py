import codecs
import gzip
import json
import warnings

import fsspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.config import DataConfig, SplitConfig
from trainer.data.corpus import Corpus
from trainer.data.errors import DataError
from trainer.data.prepare import prepare

TEXTS = ['She said "no",\nand left', "Ça va\r\n\r\nbien 👍", "tab\tand, comma", "plain"]
STARS = [1, 3, 5, 4]
NO_SPLIT = SplitConfig(validation=0)


def read(folder, *addresses, **options):
    config = DataConfig(data=tuple(map(str, addresses)), **options)
    return prepare(config, NO_SPLIT, folder / "corpus", lambda _rows: None)


def delimited(separator, texts=TEXTS, stars=STARS):
    quoted = (text.replace('"', '""') for text in texts)
    lines = (f'"{text}"{separator}{star}\n' for text, star in zip(quoted, stars, strict=True))
    return f"text{separator}rating\n" + "".join(lines)


def json_lines(texts=TEXTS, stars=STARS):
    pairs = zip(texts, stars, strict=True)
    return "".join(json.dumps({"text": text, "rating": star}) + "\n" for text, star in pairs)


def parquet(path, **columns):
    pq.write_table(pa.table(columns), path)
    return path


def refusal(folder, *addresses, **options):
    with pytest.raises(DataError) as error:
        read(folder, *addresses, **options)
    return str(error.value)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("suffix", "content"),
    [
        (".csv", delimited(",")),
        (".tsv", delimited("\t")),
        (".ndjson", json_lines()),
        (".jsonl", json_lines()),
    ],
)
def test_text_formats_are_read_alike_also_packed(tmp_path, suffix, content, packed):
    path = tmp_path / f"odd [name] #1{suffix}{'.gz' * packed}"
    raw = content.encode()
    path.write_bytes(gzip.compress(raw) if packed else raw)
    corpus = read(tmp_path, path, chunk_rows=1)
    assert list(corpus.texts) == TEXTS
    assert corpus.stars.tolist() == STARS
    assert corpus.labels.tolist() == [0, 1, 2, 2]
    assert corpus.file_names == (path.name,)


def test_parquet_is_read_in_batches(tmp_path):
    path = parquet(tmp_path / "r.parquet", text=TEXTS, rating=STARS)
    counts = []
    config = DataConfig(data=(str(path),), chunk_rows=3)
    corpus = prepare(config, NO_SPLIT, tmp_path / "corpus", counts.append)
    assert list(corpus.texts) == TEXTS
    assert counts == [3, 4]


def test_an_address_of_another_file_system_is_opened(tmp_path):
    with fsspec.open("memory://bucket/reviews.csv.gz", "wb", compression="gzip") as file:
        file.write(delimited(",").encode())
    corpus = read(tmp_path, "memory://bucket/reviews.csv.gz")
    assert list(corpus.texts) == TEXTS
    assert corpus.file_names == ("reviews.csv.gz",)


def test_files_of_several_formats_are_one_corpus(tmp_path):
    first = tmp_path / "a.csv"
    first.write_text(delimited(","))
    second = parquet(tmp_path / "b.parquet", text=["more"], rating=[2])
    corpus = read(tmp_path, first, second)
    assert corpus.files.tolist() == [0, 0, 0, 0, 1]
    assert corpus.file_names == corpus.source_names == ("a.csv", "b.parquet")


def test_files_of_one_name_are_told_apart_by_their_whole_address(tmp_path):
    paths = [tmp_path / folder / "r.csv" for folder in "ab"]
    for path in paths:
        path.parent.mkdir()
        path.write_text(delimited(","))
    assert read(tmp_path, *paths).file_names == tuple(map(str, paths))


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8-sig", "utf-8"])
def test_a_csv_is_read_in_its_encoding(tmp_path, encoding):
    path = tmp_path / "r.csv"
    texts = ["Très “bien”", "naïve", "fünf", "x"]
    path.write_bytes(delimited(",", texts).encode(encoding))
    given_one = "utf-8" if encoding == "utf-8-sig" else encoding
    corpus = read(tmp_path, path, encoding=given_one)
    assert list(corpus.texts) == texts
    assert not corpus.intake.noted


@pytest.mark.parametrize("suffix", [".csv", ".ndjson"])
def test_a_line_in_another_encoding_is_refused_by_its_number(tmp_path, suffix):
    path = tmp_path / f"r{suffix}"
    lines = delimited(",") if suffix == ".csv" else json_lines()
    path.write_bytes(lines.encode() + b'{"text": "caf\xe9", "rating": 1}\n')
    number = lines.count("\n") + 1
    message = refusal(tmp_path, path)
    assert f"r{suffix}: line {number} is not utf-8" in message
    assert "--encoding" in message


def test_an_encoding_without_replacement_is_refused_with_the_line_about(tmp_path):
    path = tmp_path / "r.csv"
    path.write_bytes(delimited(",").encode("utf-16")[:-1])
    assert "is not utf-16: say the file's encoding" in refusal(tmp_path, path, encoding="utf-16")


def test_lines_of_utf8_in_a_file_of_another_encoding_are_read_right_and_counted(tmp_path):
    path = tmp_path / "r.csv"
    header, first, *_ = delimited(",", ["Crème brûlée", "x", "y", "z"]).splitlines()
    others = delimited(",", ["grüße ”", "x", "y", "z"]).splitlines()[1:]
    path.write_bytes(f"{header}\n{first}\n".encode("cp1252"))
    with path.open("ab") as file:
        file.write("\n".join(others).encode())
    corpus = read(tmp_path, path, encoding="cp1252")
    assert corpus.texts[:2] == ["Crème brûlée", "grüße ”"]
    assert corpus.intake.noted == {"lines of a file in cp1252 read as utf-8": 1}


def test_lines_that_could_be_of_two_encodings_are_counted(tmp_path):
    path = tmp_path / "r.csv"
    path.write_bytes(delimited(",", ["café", "x", "y", "z"]).encode())
    corpus = read(tmp_path, path, encoding="gbk")
    assert corpus.intake.noted == {"lines read as gbk may be utf-8": 1}


@pytest.mark.parametrize("encoding", ["klingon", "hex"])
def test_an_unknown_encoding_is_refused(tmp_path, encoding):
    path = tmp_path / "r.csv"
    path.write_text(delimited(","))
    assert f"no text encoding '{encoding}'" in refusal(tmp_path, path, encoding=encoding)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("r.csv", b"", "it is empty"),
        ("r.ndjson", b"", "it is empty"),
        ("r.csv", b"text,rating\n", "it has no row"),
        ("r.csv", b"text,text,rating\na,b,1\n", "two columns are called `text`"),
        ("r.csv", b'text,rating\n"a" b,1\n', "line 2: "),
        ("r.csv", b'text,rating\na,1\n"never closed,1\n', "unexpected end of data"),
        ("r.json", b'[{"text": "a",\n "rating": 1}]', "NDJSON has one on every line"),
        ("r.ndjson", b"[" * 100_000, "NDJSON has one on every line"),
        ("r.ndjson", b" " * 2**24 + b"{}", "line 1 is longer than"),
        ("r.parquet", b"PAR1 and nothing else", "it cannot be read"),
        ("r.csv.gz", b"not gzip", "it cannot be read"),
        ("r.csv.gz", gzip.compress(b"text,rating\na,1\n")[:-9], "it cannot be read"),
        ("r.parquet.gz", b"", "unpack the .gz"),
        ("r.xlsx", b"", "neither .csv, .tsv"),
        ("reviews", b"", "neither .csv, .tsv"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_the_reason(tmp_path, name, content, reason):
    path = tmp_path / name
    path.write_bytes(content)
    message = refusal(tmp_path, path)
    assert message.startswith(f"cannot use {path}: ")
    assert reason in message


def test_a_folder_a_missing_file_and_an_unknown_address_are_refused(tmp_path):
    (tmp_path / "folder.csv").mkdir()
    assert "has no file of reviews" in refusal(tmp_path, tmp_path / "folder.csv")
    assert "absent.csv: there is no such file" in refusal(tmp_path, "absent.csv")
    assert "none.csv: there is no such file" in refusal(tmp_path, "memory://none.csv")
    assert "odd://r.csv: it cannot be read: Protocol" in refusal(tmp_path, "odd://r.csv")


def test_no_file_and_a_file_given_twice_are_refused(tmp_path):
    assert "name at least one file" in refusal(tmp_path)
    assert "given twice" in refusal(tmp_path, "a.csv", "a.csv")


def test_rows_that_do_not_fit_the_header_are_left_out_and_counted(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text(delimited(",") + "fine, but, 1\n\nshort\n")
    assert read(tmp_path, path).intake.left_out == {"another number of fields than the header": 2}


def test_lines_that_are_not_json_objects_are_left_out_and_counted(tmp_path):
    path = tmp_path / "r.ndjson"
    path.write_text(json_lines() + '\n[1]\n{"text": "cut of')
    assert read(tmp_path, path).intake.left_out == {"not a JSON object": 2}


def test_lone_surrogates_and_nul_survive_in_every_format(tmp_path):
    texts = ["\ud83d half", "nul \0 here", "\udc80", "x"]
    lines = tmp_path / "r.ndjson"
    lines.write_text(json_lines(texts))
    commas = tmp_path / "r.csv"
    commas.write_bytes(delimited(",", texts).encode("utf-8", "surrogatepass"))
    raw = pa.array([text.encode("utf-8", "surrogatepass") for text in texts])
    unchecked = pa.StringArray.from_buffers(len(raw), *raw.buffers()[1:])
    table = parquet(tmp_path / "r.parquet", text=unchecked, rating=STARS)
    assert list(read(tmp_path, lines, commas, table).texts) == texts * 3


def test_parquet_with_bytes_that_are_no_text_is_refused_by_its_row(tmp_path):
    raw = pa.array([b"fine", b"caf\xe9"])
    unchecked = pa.StringArray.from_buffers(len(raw), *raw.buffers()[1:])
    path = parquet(tmp_path / "r.parquet", text=unchecked, rating=[1, 5])
    assert "r.parquet: row 2 is not utf-8" in refusal(tmp_path, path)


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(["r.csv", "r.tsv", "r.ndjson", "r.csv.gz", "r.parquet"]),
    tail=st.binary(max_size=80),
    encoding=st.sampled_from(["utf-8", "latin-1", "cp1252", "utf-16", "shift_jis", "utf-7"]),
)
def test_whatever_a_file_holds_it_is_read_or_refused(tmp_path_factory, name, tail, encoding):
    folder = tmp_path_factory.mktemp("any")
    head = json_lines() if "json" in name else delimited("\t" if "tsv" in name else ",")
    start = b"" if encoding == "utf-16" else head.encode()
    (folder / name).write_bytes(start + tail)
    with warnings.catch_warnings():
        # Python's own utf-7 and the like may warn of odd escapes.
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            corpus = read(folder, folder / name, encoding=encoding)
        except DataError:
            assert not (folder / "corpus").exists()
            return
    assert corpus.texts[:4]
    assert len(corpus) == corpus.intake.used


@settings(max_examples=40, deadline=None)
@given(
    texts=st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=20),
    rows=st.integers(1, 5),
    kind=st.sampled_from(["csv", "ndjson", "parquet"]),
)
def test_any_texts_come_back_as_they_were_whatever_the_chunks(tmp_path_factory, texts, rows, kind):
    folder = tmp_path_factory.mktemp("chunks")
    texts = [*texts, "bad", "average", "good"]
    stars = [1] * (len(texts) - 3) + [1, 3, 5]
    path = folder / f"r.{kind}"
    if kind == "parquet":
        parquet(path, text=texts, rating=stars)
    else:
        content = delimited(",", texts, stars) if kind == "csv" else json_lines(texts, stars)
        path.write_bytes(content.encode())
    corpus = read(folder, path, chunk_rows=rows)
    usable = [text for text in texts if text.strip()]
    assert list(corpus.texts) == usable
    assert corpus.sizes.tolist() == [len(text.encode()) for text in usable]
    assert np.array_equal(Corpus.open(folder / "corpus").labels, corpus.labels)


def test_a_byte_order_mark_is_no_part_of_a_column(tmp_path):
    path = tmp_path / "r.csv"
    path.write_bytes(codecs.BOM_UTF8 + delimited(",").encode())
    assert len(read(tmp_path, path)) == 4
