import hashlib
import os
import pickle
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from trainer.config import DataConfig, SplitConfig
from trainer.data.corpus import TRAINING, VALIDATION, Corpus
from trainer.data.errors import DataError
from trainer.data.prepare import prepare

TEXTS = [f"Text {number} é\n" for number in range(60)]
STARS = [1, 3, 5] * 20


def build(folder, texts=TEXTS, stars=STARS, **options):
    path = folder / "r.parquet"
    pq.write_table(pa.table({"text": texts, "rating": stars}), path)
    config = DataConfig(data=(str(path),), **options)
    return prepare(config, SplitConfig(), folder / "corpus", lambda _rows: None)


def test_a_corpus_is_opened_as_it_was_prepared(tmp_path):
    prepared, opened = build(tmp_path), Corpus.open(tmp_path / "corpus")
    for corpus in (prepared, opened):
        assert len(corpus) == len(corpus.texts) == 60
        assert corpus.texts_at(corpus.rows(VALIDATION)[::-1])[0] in TEXTS
        assert corpus.texts_at([59, 0]) == [TEXTS[59], TEXTS[0]]
        assert corpus.texts[-1] == TEXTS[-1]
        assert corpus.texts[1:3] == TEXTS[1:3]
        assert [*corpus.rows(TRAINING), *corpus.rows(VALIDATION)] != []
    assert prepared.intake == opened.intake
    with pytest.raises(IndexError):
        prepared.texts[60]


def test_columns_have_their_documented_types_and_stay_on_disk(tmp_path):
    corpus = build(tmp_path)
    types = {
        "sizes": "i8",
        "labels": "i1",
        "stars": "i1",
        "files": "i2",
        "sources": "i2",
        "sides": "i1",
    }
    for name, kind in types.items():
        assert getattr(corpus, name).dtype == np.dtype(kind)
        assert isinstance(getattr(corpus, name), np.memmap)


def test_a_corpus_sent_to_another_process_is_opened_there(tmp_path):
    corpus = build(tmp_path)
    sent = pickle.dumps(corpus)
    assert len(sent) < 500
    assert list(pickle.loads(sent).texts) == TEXTS


def test_the_digest_names_texts_labels_and_order(tmp_path):
    digest = build(tmp_path).digest
    assert build(tmp_path, chunk_rows=7).digest == digest
    assert len(digest) == hashlib.sha256().digest_size * 2
    assert build(tmp_path, ["other", *TEXTS[1:]]).digest != digest
    assert build(tmp_path, TEXTS, [*STARS[:-1], 3]).digest != digest
    assert build(tmp_path, TEXTS[::-1], STARS[::-1]).digest != digest


def test_a_folder_without_reviews_is_refused(tmp_path):
    with pytest.raises(DataError, match="no prepared reviews"):
        Corpus.open(tmp_path)


def test_an_earlier_corpus_is_replaced_only_by_a_whole_one(tmp_path):
    build(tmp_path)
    with pytest.raises(DataError):
        build(tmp_path, TEXTS, [1] * 60)
    assert list(Corpus.open(tmp_path / "corpus").texts) == TEXTS
    build(tmp_path, TEXTS[:30], STARS[:30])
    assert len(Corpus.open(tmp_path / "corpus")) == 30
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus", "r.parquet"]


def test_what_a_killed_run_left_is_no_hindrance(tmp_path):
    (tmp_path / ".corpus.part").mkdir()
    (tmp_path / ".corpus.part" / "texts.bin").write_text("half")
    assert list(build(tmp_path).texts) == TEXTS


LIMITED = """
import resource, sys
from pathlib import Path
from trainer.config import DataConfig, SplitConfig
from trainer.data.prepare import prepare

def in_use():
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmData:")[1].split()[0]) * 1024

kind, extra, source, folder = sys.argv[1:]
limit = int(extra) + (in_use() if kind == "RLIMIT_DATA" else 0)
resource.setrlimit(getattr(resource, kind), (limit, limit))
config = DataConfig(data=(source,), chunk_rows=500)
try:
    corpus = prepare(config, SplitConfig(), Path(folder), lambda rows: None)
except OSError as error:
    sys.exit(f"{type(error).__name__}: {error}")
print(len(corpus), corpus.sizes.sum())
"""
"""Prepares reviews in a process that may write so large files, or use so much more memory."""


def limited(kind, extra, source, folder):
    command = [sys.executable, "-c", LIMITED, kind, str(extra), str(source), str(folder)]
    # Arrow's other pools reserve memory ahead that they may never use.
    plain = {**os.environ, "ARROW_DEFAULT_MEMORY_POOL": "system"}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=plain)


def test_a_full_disk_is_an_error_of_the_disk_and_leaves_nothing(tmp_path):
    build(tmp_path, [text * 2000 for text in TEXTS])
    ended = limited("RLIMIT_FSIZE", 2**20, tmp_path / "r.parquet", tmp_path / "full")
    assert "OSError: [Errno 27] File too large" in ended.stderr
    assert ended.returncode == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus", "r.parquet"]


MEMORY = 48 * 2**20
ROWS, WORDS_A_TEXT = 16_500, 500


def large_texts():
    random = np.random.default_rng(1)
    words = np.array([f"word{number}" for number in range(5000)])
    for _ in range(ROWS):
        yield " ".join(words[random.integers(0, 5000, WORDS_A_TEXT)])


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """The same reviews, more than fit into `MEMORY`, in three formats."""
    folder = tmp_path_factory.mktemp("large")
    paths = {kind: folder / f"r.{kind}" for kind in ("csv", "ndjson", "parquet")}
    schema = pa.schema({"text": pa.string(), "rating": pa.int64()})
    with (
        paths["csv"].open("w") as commas,
        paths["ndjson"].open("w") as lines,
        pq.ParquetWriter(paths["parquet"], schema) as table,
    ):
        commas.write("text,rating\n")
        texts = list(large_texts())
        stars = STARS * (ROWS // len(STARS))
        for text, star in zip(texts, stars, strict=True):
            commas.write(f'"{text}\n",{star}\n')
            lines.write(f'{{"text": "{text}\\n", "rating": {star}}}\n')
        table.write_table(pa.table([texts, stars], schema), row_group_size=ROWS)
    return paths


@pytest.mark.parametrize("kind", ["csv", "ndjson", "parquet"])
def test_data_larger_than_memory_is_prepared(tmp_path, large, kind):
    ended = limited("RLIMIT_DATA", MEMORY, large[kind], tmp_path / "corpus")
    assert ended.stderr == ""
    rows, size = map(int, ended.stdout.split())
    assert rows == ROWS
    assert size > 1.4 * MEMORY
