import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from charcnn.hashed_words import BUCKETS, COLUMNS, GRAMS, WORDS, hash_words
from charcnn.inference import Interface

PLAIN_TEXT = st.text("abcxyz019 ',.!", max_size=400)
ANY_TEXT = st.text(st.characters(codec=None), max_size=600)
WORD = re.compile(r"[a-z0-9']+|[^a-z0-9'\s]")


def grams_of(word):
    marked = f"^{word}$"
    return [marked[n : n + size] for size in (3, 4) for n in range(len(marked) - size + 1)]


@given(PLAIN_TEXT)
def test_every_word_and_mark_has_a_row_with_as_many_numbers_as_it_has_parts(text):
    words = WORD.findall(text)[-WORDS:]
    rows = hash_words(text)
    assert len(rows) == max(1, len(words))
    for row, word in zip(rows, words, strict=False):
        assert (row[:2] > 0).all()
        assert (row[2:] > 0).sum() == min(GRAMS, len(grams_of(word)))


@given(ANY_TEXT)
def test_any_text_gives_numbers_within_the_tables(text):
    rows = hash_words(text)
    assert rows.shape[1] == COLUMNS
    assert 1 <= len(rows) <= WORDS
    assert rows.min() >= 0
    assert rows.max() < BUCKETS


@given(PLAIN_TEXT, PLAIN_TEXT)
def test_a_word_has_the_same_number_wherever_it_stands(before, after):
    alone = hash_words("refund")[0]
    among = hash_words(f"{before} refund {after}")
    assert any(np.array_equal(np.delete(row, 1), np.delete(alone, 1)) for row in among)


def test_different_words_nearly_always_have_different_numbers():
    words = [f"{a}{b}{n}" for a in "abcdefgh" for b in "stuvwxyz" for n in range(30)]
    numbers = {tuple(hash_words(word)[0][2:]) for word in words}
    assert len(numbers) == len(words)
    assert len({int(hash_words(word)[0][0]) for word in words}) > 0.97 * len(words)


def test_a_misspelt_word_shares_most_of_its_parts():
    right, wrong = (set(hash_words(word)[0][2:]) for word in ("terrible", "terribel"))
    assert len(right & wrong) > len(right) / 2


def test_a_pair_depends_on_both_words_and_their_order():
    pairs = [int(hash_words(text)[1][1]) for text in ("not good", "so good", "good not")]
    assert len(set(pairs)) == 3


def test_typographic_quotes_read_as_plain_ones():
    assert np.array_equal(hash_words("don\u2019t"), hash_words("don't"))


def test_the_end_of_a_long_review_is_what_is_read():
    interface = Interface(unit="words", step=8)
    long = interface.encode_one("word " * 3000 + "Awful")
    assert len(long) <= interface.longest
    assert np.array_equal(long[-1][[0, 2]], interface.encode_one("awful")[-1][[0, 2]])
