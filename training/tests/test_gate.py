"""The gate on real archives: the shipped one, one that training makes, and sabotaged ones."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from charcnn.scoring import LABELS
from trainer.errors import GateError
from trainer.gate import behaviour, cost
from trainer.gate.check import at_least, at_most
from trainer.gate.judge import Exam, judge
from trainer.gate.labelled import golden_set, read
from trainer.gate.limits import Limits
from trainer.gate.report import render

CHECKOUT = Path(__file__).parent.parent.parent
SHIPPED = CHECKOUT / "model-store" / "sentiment.mar"
GOLDEN = CHECKOUT / "training" / "golden"


@pytest.fixture(scope="module")
def exam():
    return Exam.of(GOLDEN, None)


def failed(report):
    return {one.name for one in report.checks if one.verdict == "fail"}


def test_the_shipped_model_passes_alone_and_beside_itself(exam):
    report = judge(SHIPPED, SHIPPED, exam)
    assert (report.verdict, report.reasons) == ("pass", [])
    assert report.against == json.loads(SHIPPED.with_suffix(".json").read_text())["version"]
    differences = {one.name: one.measured for one in report.checks if "against prod" in one.name}
    assert set(differences.values()) == {0.0}
    (answers,) = (one for one in report.checks if one.name == "answers")
    assert answers.detail == "0 of 300 answers are no probabilities"
    assert set(report.figures["production"]["golden"]["classes"]) == set(LABELS)
    alone = judge(SHIPPED, None, exam)
    assert (alone.verdict, alone.against) == ("pass", None)


def test_a_model_that_says_good_to_everything_fails_alone_and_beside_production(exam, sabotaged):
    alone = judge(sabotaged, None, exam)
    assert alone.verdict == "fail"
    assert {"golden: recall bad", "golden: recall average", "behaviour: blame"} <= failed(alone)
    beside = judge(sabotaged, SHIPPED, exam)
    assert {
        "golden: balanced accuracy against production",
        "golden: recall bad against production",
        "behaviour against production",
    } <= failed(beside)
    assert "golden: recall good against production" not in failed(beside)


def test_recent_reviews_count_only_when_there_are_enough(exam, sabotaged, tmp_path):
    lines = [
        json.dumps({"text": f"{text} {number}", "rating": stars})
        for number in range(30)
        for text, stars in (("it fell apart", 1), ("a joy to use", 5))
    ]
    path = tmp_path / "recent.ndjson"
    path.write_text("\n".join(lines[:20]))
    few = judge(sabotaged, None, replace(exam, recent=read("recent", str(path))))
    (skipped,) = (one for one in few.checks if one.name.startswith("recent"))
    assert (skipped.verdict, skipped.detail) == (
        "skipped",
        "20 reviews are too few, 50 are the least",
    )
    path.write_text("\n".join(lines))
    many = judge(sabotaged, None, replace(exam, recent=read("recent", str(path))))
    assert "recent: recall bad" in failed(many)
    assert many.figures["candidate"]["recent"]["reviews"] == 60


def test_the_report_is_json_and_names_what_it_rests_on(exam, sabotaged):
    report = judge(sabotaged, None, exam)
    told = json.loads(json.dumps(report.as_dict(), allow_nan=False))
    assert told.keys() == {"verdict", "against", "reasons", "checks", "figures"}
    assert {frozenset(one) for one in told["checks"]} == {
        frozenset({"name", "verdict", "measured", "limit", "detail"})
    }
    figures = told["figures"]["candidate"]
    assert figures["golden"]["sha256"] == exam.golden.digest
    assert figures["behaviour"]["sha256"] == exam.behaviours.digest
    assert ["I hate it."] in figures["behaviour"]["failed"]["blame"]
    page = render(report)
    assert "verdict: fail" in page
    assert "- golden: recall bad: 0 of 100 are called what they are" in page


def test_the_script_says_by_its_exit_code_what_it_found(
    run_script, small_mar, sabotaged, golden, tmp_path
):
    told = tmp_path / "gate.json"
    passed = run_script("gate", small_mar, "--golden", golden, "--report", told)
    assert (passed.code, passed.err) == (0, "")
    assert "verdict: pass" in passed.out
    assert json.loads(told.read_text())["verdict"] == "pass"
    refused = run_script("gate", sabotaged, "--golden", golden, "--against", small_mar)
    assert refused.code == 1
    assert "against 7.1" in refused.out


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["nowhere.mar"], "there is no nowhere.mar"),
        ([SHIPPED, "--against", "nowhere.mar"], "there is no nowhere.mar"),
        ([SHIPPED, "--golden", "nowhere"], "there is no such file"),
        ([SHIPPED, "--recent", "nowhere.csv"], "there is no such file"),
    ],
)
def test_a_mistake_is_one_readable_line(run_script, options, reason):
    result = run_script("gate", *options)
    assert result.code == 2
    assert result.err.startswith("error: ")
    assert result.err.count("\n") == 1
    assert reason in result.err


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[praise]", "praise.about: Field required"),
        ("praise", "cannot be read"),
        ('[a]\nabout = "b"\nexpect = "falls"\nleast = 1\ncases = [["one"]]', "another number of"),
        (
            '[a]\nabout = "b"\nexpect = "good"\nleast = 2\ncases = [["one"]]',
            "a.least: Input should",
        ),
    ],
)
def test_behaviour_tests_that_cannot_be_understood_are_refused(golden, text, reason):
    (golden / behaviour.FILE).write_text(text)
    with pytest.raises(GateError, match=reason):
        behaviour.read(golden)


def test_behaviour_tests_hold_by_what_they_expect():
    answers = np.array([[[0.9, 0.1, 0.0], [0.0, 0.2, 0.8]], [[0.1, 0.8, 0.1], [0.1, 0.8, 0.1]]])
    expected = {"rises": [1, 0], "falls": [0, 0], "same": [0, 1], "unsure": [0, 1]}
    expected |= {"bad": [0, 0], "average": [0, 1], "good": [1, 0]}
    for expect, hold in expected.items():
        two = expect in behaviour.COMPARING
        cases = (("one", "other") if two else ("other",),) * 2
        test = behaviour.Behaviour(about="", expect=expect, least=1, cases=cases, by=0.5)
        shown = answers if two else answers[:, 1:]
        assert test.hold(shown).tolist() == hold, expect


def test_a_long_text_is_made_of_what_stands_before_its_end():
    test = behaviour.Behaviour(
        about="", expect="good", least=1, cases=(("the end",),), before="on and ", times=3
    )
    assert test.texts() == [("on and on and on and the end",)]


def test_the_golden_set_has_as_many_reviews_of_each_class():
    golden = golden_set(GOLDEN)
    assert np.bincount(golden.labels).tolist() == [100, 100, 100]
    assert len(set(golden.texts)) == 300
    digest = golden.digest
    assert digest == golden_set(GOLDEN).digest


def test_the_behaviour_tests_cover_what_a_reader_expects():
    tests = behaviour.read(GOLDEN).tests
    assert {"negated_praise", "negated_blame", "typos", "hardly_a_text", "long_blame"} <= set(tests)
    assert {"other_languages", "foreign_words"} <= set(tests)
    assert all(len(text) > 5000 for (text,) in tests["long_praise"].texts())


LIMITS = Limits()


def test_a_review_may_take_longer_than_in_production_but_not_much():
    assert cost.latency(20, None, LIMITS).verdict == "pass"
    assert cost.latency(26, None, LIMITS).verdict == "fail"
    assert cost.latency(4.9, 0.2, LIMITS).verdict == "pass"
    assert cost.latency(20, 5, LIMITS).verdict == "fail"
    assert cost.latency(20, 100, LIMITS).limit == LIMITS.milliseconds


def test_an_archive_may_not_be_huge():
    assert cost.size(45, LIMITS).verdict == "pass"
    assert cost.size(70, LIMITS).verdict == "fail"


def test_int8_is_compared_with_fp32_by_the_card():
    f1 = {"int8": {"weighted_f1": 0.80}, "fp32": {"weighted_f1": 0.81}}
    old = {"precision": "int8", "metrics": f1}
    assert cost.precision(old, LIMITS).verdict == "fail"
    assert cost.precision(old | {"agreement": 0.99}, LIMITS).verdict == "pass"
    assert cost.precision(old | {"agreement": 0.9}, LIMITS).verdict == "fail"
    assert cost.precision(old | {"precision": "fp32"}, LIMITS).verdict == "skipped"
    assert cost.precision(None, LIMITS).verdict == "skipped"


def test_what_is_no_number_fails():
    for check in (at_least, at_most):
        found = check("a figure", float("nan"), 1, "nothing")
        assert (found.verdict, found.measured) == ("fail", None)
