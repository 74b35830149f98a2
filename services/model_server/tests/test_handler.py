import importlib.util
from pathlib import Path

import numpy as np
import pytest

from charcnn.inference import Interface

ROOM = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def handler_module():
    spec = importlib.util.spec_from_file_location("handler", ROOM / "handler.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class AlwaysGood:
    """A classifier that likes everything."""

    interface = Interface()

    def probabilities(self, texts):
        return np.tile([0.1, 0.1, 0.8], (len(texts), 1))


class Context:
    """What a worker tells the handler about a batch, and what the handler answers beside it."""

    def __init__(self, explained=()):
        self.explained = explained
        self.statuses = {}
        self.types = {}

    def get_request_header(self, index, name):
        return "True" if name == "explain" and index in self.explained else None

    def set_response_status(self, code, phrase, index):
        self.statuses[index] = (code, phrase)

    def set_response_content_type(self, index, value):
        self.types[index] = value


@pytest.fixture
def handler(handler_module):
    handler = handler_module.SentimentHandler()
    handler.version, handler.classifier = "3.1", AlwaysGood()
    return handler


def test_a_batch_with_bad_inputs_answers_the_others(handler):
    context = Context()
    rows = [{"review": b"fine"}, {"body": {"review": 5}}, {"body": {"review": "fine"}}, {}]
    first, refused, third, missing = handler.handle(rows, context)
    assert first == third
    assert first["label"] == "good"
    assert first["model_version"] == "3.1"
    assert refused == {"code": 400, "error": "the review must be text"}
    assert missing == {"code": 400, "error": "no review in body"}
    assert context.statuses == {1: (400, refused["error"]), 3: (400, missing["error"])}


def test_a_batch_may_mix_predictions_and_explanations(handler):
    rows = [{"review": "one two"}, {"review": "three"}]
    plain, explained = handler.handle(rows, Context(explained={1}))
    assert "words" not in plain
    assert [word["text"] for word in explained["words"]] == ["three"]


def test_every_answer_is_json_even_a_refusal(handler):
    context = Context()
    handler.handle([{"review": "a"}, {"review": ""}], context)
    assert context.types == {0: "application/json", 1: "application/json"}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({}, "no review in body"),
        ({"review": b""}, "the review is empty"),
        ({"body": {"review": " \n"}}, "the review is empty"),
        ({"body": {"review": ["a"]}}, "the review must be text"),
        ({"body": ["review"]}, "no review in body"),
        ({"body": b"{"}, "send JSON"),
        ({"review": b"\xff"}, "not UTF-8"),
        ({"body": {"review": "é" * 32769}}, "longer than 65536 bytes"),
    ],
)
def test_a_bad_review_is_refused_with_its_reason_in_ascii(handler, row, reason):
    context = Context()
    (answer,) = handler.handle([row], context)
    assert reason in answer["error"]
    assert context.statuses[0][0] == 400
    assert context.statuses[0][1].isascii()


def test_a_review_of_exactly_the_largest_size_is_answered(handler):
    (answer,) = handler.handle([{"body": {"review": "é" * 32768}}], Context())
    assert answer["label"] == "good"
