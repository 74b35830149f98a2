"""Profiles: the definitions of a training set, applied to reviews."""

import pytest
from pydantic import ValidationError

from review_api.profiles import Profile, Recent, look

FEATURES = {
    "score": {"kind": "numeric", "edges": [0.5], "shares": [0.4, 0.6]},
    "length": {"kind": "numeric", "edges": [3, 10], "shares": [0.2, 0.3, 0.5]},
    "characters": {
        "kind": "patterns",
        "classes": {"letters": "[A-Za-z]", "digits": "[0-9]", "spaces": r"\s"},
        "shares": {"letters": 0.7, "digits": 0.1, "spaces": 0.1, "other": 0.1},
    },
    "language": {
        "kind": "words",
        "classes": {"de": ["das", "war", "ist"], "en": ["the", "is", "war"]},
        "shares": {"de": 0.1, "en": 0.8, "unknown": 0.1},
    },
    "class": {"kind": "classes", "shares": {"bad": 0.2, "good": 0.6, "average": 0.2}},
}


def profile(**features):
    return Profile.model_validate({"version": 1, "rows": 100, "features": features})


def shares(name, *reviews):
    found = look(profile(**{name: FEATURES[name]}), reviews)[name]
    parts = profile(**{name: FEATURES[name]}).features[name].parts
    return dict(zip(parts, found.shares, strict=True))


def says(text):
    return Recent(text, "good", {"length": len(text)})


def test_a_number_on_an_edge_belongs_to_the_bin_above():
    texts = ("12", "123", "123456789", "1234567890")
    assert shares("length", *map(says, texts)) == {"< 3": 0.25, "3 to 10": 0.5, "≥ 10": 0.25}


def test_a_review_without_the_number_does_not_count():
    found = look(profile(**FEATURES), [says("x"), Recent("x", "bad", {"length": 1, "score": 0.5})])
    assert found["score"].rows == 1
    assert found["score"].shares == [0, 1]
    assert found["length"].rows == 2


def test_characters_are_shares_of_all_characters():
    found = shares("characters", says("ab 1"), says("é!cd"))
    assert found == {"letters": 0.5, "digits": 0.125, "spaces": 0.125, "other": 0.25}


def test_a_language_is_the_one_most_of_whose_words_are_there():
    texts = ("Das ist gut", "THE end is near", "bonjour")
    found = shares("language", *map(says, texts))
    assert found == {
        "de": pytest.approx(1 / 3),
        "en": pytest.approx(1 / 3),
        "unknown": pytest.approx(1 / 3),
    }


def test_of_languages_with_as_many_words_the_commoner_one_in_training_has_the_text():
    assert shares("language", says("war, war, war"))["en"] == 1


def test_classes_are_told_from_bad_to_good_however_the_database_orders_them():
    reviews = [Recent("x", label, {}) for label in ("bad", "bad", "good", "average")]
    found = shares("class", *reviews)
    assert list(found.items()) == [("bad", 0.5), ("average", 0.25), ("good", 0.25)]


def test_nothing_is_a_share_of_no_reviews():
    found = look(profile(**FEATURES), [])
    assert all(one.rows == 0 and set(one.shares) == {0} for one in found.values())


@pytest.mark.parametrize(
    "feature",
    [
        {"kind": "numeric", "edges": [1, 1], "shares": [0.2, 0.3, 0.5]},
        {"kind": "numeric", "edges": [1, 2], "shares": [0.5, 0.5]},
        {"kind": "patterns", "classes": {"x": "["}, "shares": {"x": 0.5, "other": 0.5}},
        {"kind": "classes", "shares": {"bad": 2, "good": -1}},
        {"kind": "tea leaves", "shares": {"bad": 1}},
    ],
)
def test_a_feature_that_makes_no_sense_is_refused(feature):
    with pytest.raises(ValidationError):
        profile(odd=feature)
