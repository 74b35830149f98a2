import numpy as np
import pytest

from charcnn.encoding import Reading
from charcnn.explanation import MOST_WORDS, explain

LENGTH = Reading.length


def classify_by_count(texts):
    """Good grows with each `great`, bad with each `awful`."""
    rows = np.array([[t.count("awful") + 1.0, 1.0, t.count("great") + 1.0] for t in texts])
    return rows / rows.sum(axis=1, keepdims=True)


def test_words_that_raise_the_score_have_a_positive_effect():
    text = "great  shop, awful queue\ngreat"
    words = explain(text, classify_by_count, LENGTH).words
    assert [word.text for word in words] == ["great", "shop,", "awful", "queue", "great"]
    assert all(text[word.start : word.end] == word.text for word in words)
    effects = [word.effect for word in words]
    assert effects[0] > 0 > effects[2]
    assert effects[1] == effects[3] == 0


def test_the_effect_is_the_score_with_the_word_minus_the_score_without():
    explanation = explain("great awful great", classify_by_count, LENGTH)
    without = explain("great awful ", classify_by_count, LENGTH).verdict.score
    assert explanation.words[2].effect == pytest.approx(explanation.verdict.score - without)


def test_words_beyond_what_the_network_reads_are_left_out():
    words = explain("first " + "x" * LENGTH + " last", classify_by_count, LENGTH).words
    assert [word.text for word in words] == ["x" * LENGTH, "last"]


def test_one_letter_words_do_not_make_an_endless_batch():
    assert len(explain("a " * 1000, classify_by_count, LENGTH).words) == MOST_WORDS
