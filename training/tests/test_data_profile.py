"""The profile of a training set: shares by rules that travel with them."""

import bisect
import json
import re
from collections import Counter

import numpy as np
import pytest

from trainer.config import DataConfig, SplitConfig
from trainer.data.corpus import TRAINING, VALIDATION
from trainer.data.prepare import prepare
from trainer.data_profile import language, profile

TEXTS = {
    "The shop was good and it is not far. ": "en",
    "Das ist nicht gut und ich bin auf der Suche. ": "de",
    "C'est très bien et je suis dans le magasin. ": "fr",
    "El producto es muy bueno y no se rompe con el uso. ": "es",
    "Il prodotto è molto bello e non si rompe per niente. ": "it",
    "Het is niet goed en ik heb er een van gekocht. ": "nl",
    "12345 !!! 北京": "unknown",
}


@pytest.fixture
def corpus(tmp_path):
    path = tmp_path / "reviews.ndjson"
    rows = [
        {"text": f"{text}{number:03} {'x' * (7 * number)}", "rating": 1 + (number % 5)}
        for number in range(10)
        for text in TEXTS
    ]
    path.write_text("\n".join(json.dumps(row) for row in rows))
    split = SplitConfig(validation=0.3, near_duplicates=False)
    return prepare(DataConfig(data=(str(path),)), split, tmp_path / "corpus", lambda _rows: None)


@pytest.fixture
def found(corpus):
    rows = len(corpus.rows(VALIDATION))
    answers = np.tile([[0.5, 0.2, 0.3], [0.1, 0.2, 0.7]], (rows, 1))[:rows]
    return profile(corpus, answers)


def texts_of(corpus):
    return corpus.texts_at(corpus.rows(TRAINING))


@pytest.mark.parametrize(("text", "expected"), TEXTS.items())
def test_a_language_is_known_by_its_commonest_words(text, expected):
    assert language(text) == expected


def test_all_shares_are_of_one(found):
    for feature in found["features"].values():
        shares = feature["shares"]
        values = shares.values() if isinstance(shares, dict) else shares
        assert sum(values) == pytest.approx(1)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["version"] == 1


def test_its_own_rules_give_its_shares_again(corpus, found):
    """Whoever compares reads the rules from the profile alone; here is how."""
    texts = texts_of(corpus)
    assert found["rows"] == len(texts)
    length = found["features"]["length"]
    bins = Counter(bisect.bisect_right(length["edges"], len(text)) for text in texts)
    assert length["shares"] == [bins[place] / len(texts) for place in range(len(length["shares"]))]

    characters = found["features"]["characters"]
    counts = Counter(
        next((name for name, one in characters["classes"].items() if re.match(one, char)), "other")
        for char in "".join(texts)
    )
    expected = {name: counts[name] / counts.total() for name in characters["shares"]}
    assert characters["shares"] == pytest.approx(expected)
    assert characters["shares"]["other"] > 0

    languages = found["features"]["language"]
    counts = Counter()
    for text in texts:
        words = set(re.findall(r"\w+", text.lower()))
        hits = {name: len(words & set(known)) for name, known in languages["classes"].items()}
        best = max(hits, key=hits.get)
        counts[best if hits[best] else "unknown"] += 1
    assert languages["shares"] == {name: counts[name] / len(texts) for name in languages["shares"]}


def test_scores_are_those_of_the_validation_reviews(found):
    score = found["features"]["score"]
    assert score["edges"] == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
    shares = dict(enumerate(score["shares"]))
    # 0.33 * (1 - 0.5) = 0.165 and 0.67 + 0.33 * 0.7 = 0.901.
    assert shares[1] + shares[9] == pytest.approx(1)


def test_classes_are_those_of_the_labels(corpus, found):
    labels = corpus.labels[corpus.rows(TRAINING)]
    shares = found["features"]["class"]["shares"]
    assert shares == {
        name: pytest.approx((labels == label).mean())
        for label, name in enumerate(("bad", "average", "good"))
    }
