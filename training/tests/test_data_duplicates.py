import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.data.components import apart, join, join_equal
from trainer.data.corpus import Texts
from trainer.data.duplicates import fingerprints, join_duplicates

WORDS = [f"word{number}" for number in range(500)]


@pytest.fixture
def components(tmp_path):
    """Names for each of some texts the first that it belongs together with."""

    def components(texts, near=True):
        raw = [text.encode() for text in texts]
        (tmp_path / "texts").write_bytes(b"".join(raw))
        sizes = np.array([len(one) for one in raw])
        stored = Texts(tmp_path / "texts", np.cumsum(sizes) - sizes, sizes)
        prints = fingerprints(stored, sizes, near=near)
        return join_duplicates(apart(len(texts)), prints, stored).tolist()

    return components


def made_text(random, length):
    return " ".join(random.choices(WORDS, k=length))


def test_texts_that_differ_only_in_case_and_signs_are_equal(components):
    texts = [
        "Great!",
        "great",
        "GREAT...",
        "Great place",
        "don't",
        "Don\u2019t",
        "!!!",
        "👍",
        " 👍",
    ]
    assert components(texts, near=False) == [0, 0, 0, 3, 4, 4, 6, 7, 7]


def test_texts_with_a_word_more_or_another_one_are_nearly_equal(components):
    maker = random.Random(1)
    texts = []
    for _ in range(300):
        words = made_text(maker, 60).split()
        texts += [" ".join(words), " ".join([*words, "more"]), " ".join(["other", *words[1:]])]
    assert components(texts) == [number - number % 3 for number in range(900)]


def test_texts_are_nearly_equal_from_four_fifths_of_their_pairs_on(components):
    maker = random.Random(2)
    found = {7: 0, 24: 0}
    for changed in found:
        texts = []
        for _ in range(200):
            words = maker.sample(WORDS, k=100)
            texts += [" ".join(words), " ".join([*words[:-changed], *["new"] * changed])]
        named = components(texts)
        found[changed] = sum(named[number] == named[number + 1] for number in range(0, 400, 2))
    # 92 of 103 pairs are shared, and 76 of 103.
    assert found == {7: 200, 24: 0}


def test_unlike_texts_stay_apart_and_nearness_can_be_left_out(components):
    maker = random.Random(3)
    texts = [made_text(maker, 30) for _ in range(500)]
    assert components(texts) == list(range(500))
    assert components([texts[0], texts[0] + " more"]) == [0, 0]
    assert components([texts[0], texts[0] + " more"], near=False) == [0, 1]


def test_texts_longer_than_a_piece_are_read(components):
    long = made_text(random.Random(4), 200_000)
    assert components([long, "short", long + " more", "x" * 2**21]) == [0, 1, 0, 3]


def slow_components(count, pairs):
    """Look for the smallest row that can be reached, again and again."""
    first = list(range(count))
    for _ in range(count):
        for left, right in pairs:
            first[left] = first[right] = min(first[left], first[right])
    return first


@given(
    st.integers(1, 30).flatmap(
        lambda n: st.tuples(st.just(n), st.lists(st.tuples(*[st.integers(0, n - 1)] * 2)))
    )
)
def test_joined_rows_are_named_by_the_first_that_they_reach(drawn):
    count, pairs = drawn
    left, right = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    assert join(apart(count), left, right).tolist() == slow_components(count, pairs)


def test_a_long_chain_in_any_order_is_one_component():
    order = np.random.default_rng(1).permutation(50_000)
    assert not join(apart(50_000), order[:-1], order[1:]).any()


def test_only_the_rows_named_are_joined_by_their_keys():
    keys = np.array([5, 7, 5, 7, 5])
    assert join_equal(apart(5), keys, np.array([0, 1, 3, 4])).tolist() == [0, 1, 2, 1, 0]
