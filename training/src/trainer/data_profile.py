"""How a training set looks, for telling later whether what people write now looks otherwise.

The definition of every feature travels with its shares: edges, patterns, words. Who compares
other reviews needs nothing but this, so that no rule exists twice. Of a value on an edge, the bin
above has it (`bisect.bisect_right`).
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charcnn.inference import Probabilities
from charcnn.scoring import judge
from trainer.data.corpus import TRAINING, Corpus

VERSION = 1
MOST = 20_000
"""Reviews that are read for it; of more, so many spread evenly are taken."""

SCORE_EDGES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
TENTHS = np.arange(1, 10) / 10

CHARACTERS = {
    "letters": "[A-Za-z]",
    "digits": "[0-9]",
    "spaces": r"\s",
    "punctuation": r"""[!-/:-@\[-`{-~]""",
}
"""The first that matches a character has it; the others are `other`."""

LANGUAGES = {
    "en": "the and is was it to of this they not with for have very but my you are",
    "de": "der die das und ist nicht ich ein eine zu mit sehr auf es war aber wir bei den",
    "fr": "le les et est une pas je des du pour avec très que dans mais ce nous sur au",
    "es": "el los las y es una no que muy con por para pero lo mi se del como está",
    "it": "il che di e è una non per con molto ma del della sono mi ho gli anche questo",
    "nl": "de het een en is niet ik van met zeer voor dat maar op zijn heb goed te wij",
}
"""Some of the commonest words of each language; the one most of whose words are there has it."""

UNKNOWN = "unknown"
OTHER = "other"
WORD = re.compile(r"\w+")


def profile(corpus: Corpus, answers: Probabilities) -> dict[str, Any]:
    """Return the profile of the reviews trained on; `answers` are the model's to held-out ones."""
    rows = corpus.rows(TRAINING)
    if len(rows) > MOST:
        rows = rows[np.linspace(0, len(rows) - 1, MOST).astype(np.int64)]
    texts = corpus.texts_at(rows)
    lengths = np.array([len(text) for text in texts], dtype=np.float64)
    labels = [corpus.label_names[label] for label in corpus.labels[rows]]
    return {
        "version": VERSION,
        "rows": len(texts),
        "features": {
            "score": _numeric(np.array([judge(row).score for row in answers]), SCORE_EDGES),
            "length": _numeric(lengths, np.unique(np.quantile(lengths, TENTHS)).tolist()),
            "characters": {
                "kind": "patterns",
                "classes": CHARACTERS,
                "shares": _shares(_character_counts(texts), [*CHARACTERS, OTHER]),
            },
            "language": {
                "kind": "words",
                "classes": {name: words.split() for name, words in LANGUAGES.items()},
                "shares": _shares(Counter(map(language, texts)), [*LANGUAGES, UNKNOWN]),
            },
            "class": {"kind": "classes", "shares": _shares(Counter(labels), corpus.label_names)},
        },
    }


def language(text: str) -> str:
    """Return the language most of whose words are in `text`, the first of several; or unknown."""
    words = set(WORD.findall(text.lower()))
    counts = {name: len(words.intersection(known.split())) for name, known in LANGUAGES.items()}
    best = max(counts, key=counts.__getitem__)
    return best if counts[best] else UNKNOWN


def _character_counts(texts: Iterable[str]) -> Counter[str]:
    """Return how many characters of each class there are; each different one is looked up once."""
    characters: Counter[str] = Counter()
    for text in texts:
        characters.update(text)
    counts: Counter[str] = Counter()
    for character, count in characters.items():
        counts[_character_class(character)] += count
    return counts


def _character_class(character: str) -> str:
    return next((name for name, one in CHARACTERS.items() if re.match(one, character)), OTHER)


def _numeric(values: NDArray[np.float64], edges: Sequence[float]) -> dict[str, Any]:
    bins = np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1)
    shares = bins / max(1, len(values))
    return {"kind": "numeric", "edges": list(edges), "shares": shares.tolist()}


def _shares(counts: Counter[str], names: Sequence[str]) -> dict[str, float]:
    return {name: counts[name] / max(1, counts.total()) for name in names}
