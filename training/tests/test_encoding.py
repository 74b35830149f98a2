import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charcnn.alphabet import ALPHABET, BLANK
from charcnn.encoding import Reading, pad

READING = Reading()
LENGTH = READING.length
ANY_TEXT = st.text(st.characters(codec=None), max_size=1500)
READINGS = st.builds(
    Reading,
    length=st.integers(1, 1200),
    alphabet=st.text(st.characters(codec=None), min_size=1, max_size=255).map(
        lambda text: "".join(dict.fromkeys(text))
    ),
    lower=st.booleans(),
)


def reference(text, reading=READING):
    """The 2015 recipe, character by character."""
    kept = "".join(reversed((text.lower() if reading.lower else text).strip()))[: reading.length]
    codes = [
        reading.alphabet.index(character) + 1 if character in reading.alphabet else BLANK
        for character in kept
    ]
    return codes + [BLANK] * (reading.length - len(codes))


@given(ANY_TEXT)
def test_any_text_is_encoded_as_the_plain_reference_does_it(text):
    assert READING.encode([text])[0].tolist() == reference(text)


@given(ANY_TEXT, READINGS)
def test_any_way_of_reading_follows_the_plain_reference(text, reading):
    assert reading.encode([text])[0].tolist() == reference(text, reading)


@given(st.lists(ANY_TEXT, min_size=1, max_size=4))
def test_a_text_has_the_same_codes_alone_and_in_a_batch(texts):
    batch = READING.encode(texts)
    assert all(
        np.array_equal(row, READING.encode([text])[0])
        for row, text in zip(batch, texts, strict=True)
    )


def test_the_end_of_a_long_review_is_what_is_read():
    encode_one = READING.encode_one
    assert np.array_equal(encode_one("x" * 5000 + "bad")[:3], encode_one("bad"))
    assert len(encode_one("x" * 5000)) == LENGTH


def test_case_and_outer_space_make_no_difference():
    assert np.array_equal(READING.encode_one("  GREAT\n"), READING.encode_one("great"))


def test_capitals_are_read_where_the_alphabet_has_them():
    reading = Reading(alphabet="aA", lower=False)
    assert reading.encode_one("Aab").tolist() == [BLANK, 1, 2]


def test_every_character_of_the_alphabet_has_a_code_of_its_own():
    codes = [READING.encode_one(f"a{character}a")[1] for character in ALPHABET]
    assert codes == list(range(1, READING.codes))


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("see https://a.b/c#d?e=@f now", "see   now"),
        ("see www.example.com, now", "see   now"),
        ("thanks @shop_1!", "thanks  !"),
        ("so #happy", "so"),
        ("mail me@home or room#5", "mail me@home or room#5"),
    ],
)
def test_addresses_mentions_and_hashtags_can_be_taken_out(text, read):
    reading = Reading(remove=("hashtags", "urls", "mentions"))
    assert reading.normalise(text) == read[::-1]


def test_nothing_is_taken_out_unasked():
    assert Reading().normalise("@a #b") == "b# a@"


def test_no_texts_give_no_rows():
    assert READING.encode([]).shape == (0, LENGTH)


def test_padding_cuts_what_is_too_long_and_fills_what_is_too_short():
    rows = [np.array([1, 2, 3], np.uint8), np.array([4], np.uint8)]
    assert pad(rows, 2).tolist() == [[1, 2], [4, BLANK]]
