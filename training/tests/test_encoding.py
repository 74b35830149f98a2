import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from charcnn.alphabet import ALPHABET, BLANK, CODES
from charcnn.encoding import LENGTH, encode, encode_one

ANY_TEXT = st.text(st.characters(codec=None), max_size=1500)


def reference(text):
    """The 2015 recipe, character by character."""
    kept = "".join(reversed(text.lower().strip()))[:LENGTH]
    codes = [
        ALPHABET.index(character) + 1 if character in ALPHABET else BLANK for character in kept
    ]
    return codes + [BLANK] * (LENGTH - len(codes))


@given(ANY_TEXT)
def test_any_text_is_encoded_as_the_plain_reference_does_it(text):
    assert encode([text])[0].tolist() == reference(text)


@given(st.lists(ANY_TEXT, min_size=1, max_size=4))
def test_a_text_has_the_same_codes_alone_and_in_a_batch(texts):
    batch = encode(texts)
    assert all(
        np.array_equal(row, encode([text])[0]) for row, text in zip(batch, texts, strict=True)
    )


def test_the_end_of_a_long_review_is_what_is_read():
    assert np.array_equal(encode_one("x" * 5000 + "bad")[:3], encode_one("bad"))
    assert len(encode_one("x" * 5000)) == LENGTH


def test_case_and_outer_space_make_no_difference():
    assert np.array_equal(encode_one("  GREAT\n"), encode_one("great"))


def test_every_character_of_the_alphabet_has_a_code_of_its_own():
    codes = [int(code) for character in ALPHABET for code in encode([f"a{character}a"])[0][1:2]]
    assert codes == list(range(1, CODES))


def test_no_texts_give_no_rows():
    assert encode([]).shape == (0, LENGTH)
