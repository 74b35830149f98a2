import json
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from charcnn.scoring import LABELS, judge
from trainer.models import CHUNK, in_chunks, open_model

SCRIPT = str(Path(__file__).parent.parent / "predict.py")
TEXTS = ["great shop 12345", "awful shop 23456", "so-so shop 34567"]


def verdicts(text):
    return [json.loads(line) for line in text.splitlines()]


def start(*arguments):
    command = [sys.executable, SCRIPT, *map(str, arguments)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe)


def test_reviews_on_the_command_line_are_scored(small_mar, run_script):
    result = run_script("predict", small_mar, *TEXTS)
    answers = verdicts(result.out)
    assert [answer["review"] for answer in answers] == TEXTS
    assert [answer["label"] for answer in answers] == ["good", "bad", "average"]
    assert set(answers[0]) == {"review", "score", "label", "rating", "probabilities"}
    assert (result.code, result.err) == (0, "answers by: tiny.mar version 7.1, int8\n")


def test_verdicts_are_those_of_the_model(small_run, run_script):
    result = run_script("predict", small_run, *TEXTS)
    probabilities = open_model(str(small_run)).probabilities(TEXTS)
    for answer, row in zip(verdicts(result.out), probabilities, strict=True):
        assert answer["probabilities"] == dict(zip(LABELS, row.tolist(), strict=True))
        assert answer["score"] == judge(row).score
    assert result.err == "answers by: checkpoint small (tiny), fp32\n"


def test_standard_input_is_answered_line_by_line_without_the_blank_ones(small_mar):
    lines = "great shop 12345\n\n   \r\nawful shop 23456\r\nünïcode, \u2028 one line".encode()
    with start(small_mar) as process:
        out, err = process.communicate(lines)
    assert process.returncode == 0
    assert err.count(b"\n") == 1
    assert [answer["review"] for answer in verdicts(out.decode().replace("\u2028", "_"))] == [
        "great shop 12345",
        "awful shop 23456",
        "ünïcode, _ one line",
    ]


def test_answers_come_before_the_input_ends_and_ctrl_c_is_quiet(small_mar):
    with start(small_mar) as process:
        process.stdin.write(b"great shop 12345\n" * 2 * CHUNK)
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["label"] == "good"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate()
    assert process.returncode == 130
    assert b"Traceback" not in err


def test_a_reader_that_has_enough_is_no_error(small_mar, tmp_path):
    path = tmp_path / "many.txt"
    path.write_text("great shop 12345\n" * 20 * CHUNK)
    with start(small_mar, "--file", path) as process:
        assert json.loads(process.stdout.readline())["label"] == "good"
        process.stdout.close()
        assert process.wait() == 1
        assert process.stderr.read() == b"answers by: tiny.mar version 7.1, int8\n"


def test_texts_are_taken_in_chunks_only_as_they_are_needed():
    taken = []
    chunks = in_chunks(taken.append(number) or str(number) for number in range(3 * CHUNK))
    assert len(next(chunks)) == CHUNK
    assert len(taken) == CHUNK
    assert [len(chunk) for chunk in chunks] == [CHUNK, CHUNK]
    assert not list(in_chunks([]))


@pytest.fixture
def write(tmp_path):
    """Give the function that writes the texts to a file by its name."""

    def write(name):
        path = tmp_path / name
        if path.suffix == ".parquet":
            pq.write_table(pa.table({"n": [1, 2, 3, 4], "words": [*TEXTS, None]}), path)
        elif path.suffix == ".csv":
            path.write_text("n,words\n" + "".join(f'1,"{text}"\n' for text in [*TEXTS, " "]))
        else:
            path.write_text("\n".join([*TEXTS, ""]))
        return path

    return write


@pytest.mark.parametrize("name", ["texts.parquet", "texts.csv", "texts.txt", "texts"])
def test_files_of_many_kinds_are_read(small_mar, run_script, write, name):
    result = run_script("predict", small_mar, "--file", write(name), "--text-column", "words")
    assert [answer["review"] for answer in verdicts(result.out)] == TEXTS


def test_another_encoding_can_be_named(small_mar, run_script, tmp_path):
    path = tmp_path / "texts.txt"
    path.write_bytes("schön\n".encode("cp1252"))
    result = run_script("predict", small_mar, "--file", path, "--encoding", "cp1252")
    assert verdicts(result.out)[0]["review"] == "schön"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["nowhere", "text"], "neither an address, a .mar file nor the folder of a run"),
        (["MAR", "text", "--file", "x.csv"], "not both"),
        (["MAR", "--file", "absent.txt"], "cannot use absent.txt"),
        (["MAR", "--file", "absent.csv"], "cannot use absent.csv"),
        (["MAR", "--file", "CSV", "--text-column", "review"], "no column `review` but n, words"),
        (["MAR", "--file", "LATIN"], "line 1 is not utf-8"),
        (["MAR", "text", "--colour"], "No such option: --colour"),
        ([], "Missing argument"),
    ],
)
def test_a_mistake_is_one_readable_line(small_mar, run_script, write, tmp_path, arguments, reason):
    latin = tmp_path / "latin.txt"
    latin.write_bytes(b"sch\xf6n\n")
    places = {"MAR": small_mar, "CSV": write("texts.csv"), "LATIN": latin}
    result = run_script("predict", *[places.get(word, word) for word in arguments])
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert result.err.startswith("error: ")
    assert reason in result.err


def test_one_answer_does_not_depend_on_the_others(small_mar):
    model = open_model(str(small_mar))
    texts = [*TEXTS, "x" * 3000, "é", ""] * 30
    alone = np.concatenate([model.probabilities([text]) for text in texts])
    np.testing.assert_allclose(model.probabilities(texts), alone, atol=1e-6, rtol=0)
