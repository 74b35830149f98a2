"""Labelled reviews that the gate measures on: the golden set, and what people wrote lately."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.config import DataConfig, SplitConfig
from trainer.data.corpus import Corpus
from trainer.data.prepare import prepare

REVIEWS = "reviews.csv"
"""The golden set's file in its folder."""

MOST = 2000
"""Reviews to answer; of more, so many spread evenly are taken."""


@dataclass(frozen=True)
class Labelled:
    """Texts and their classes, 0 to 2; `digest` is the sha256 of both."""

    name: str
    texts: list[str]
    labels: NDArray[np.int64]
    digest: str

    def as_dict(self) -> dict[str, Any]:
        """Return what names the reviews, without them."""
        return {"name": self.name, "reviews": len(self.texts), "sha256": self.digest}


def golden_set(folder: Path) -> Labelled:
    """Return the golden set in `folder`.

    Raises:
        DataError: there is none.
    """
    return read("golden", str(folder / REVIEWS))


def read(name: str, address: str) -> Labelled:
    """Return the reviews at `address`: a file, or the review API's export.

    Raises:
        DataError: it cannot be used.
    """
    data, whole = DataConfig(data=(address,)), SplitConfig(validation=0, near_duplicates=False)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "corpus"
        return _of(name, prepare(data, whole, place, lambda _rows: None, all_classes=False))


def _of(name: str, corpus: Corpus) -> Labelled:
    rows = np.arange(len(corpus))
    if len(rows) > MOST:
        rows = np.linspace(0, len(corpus) - 1, MOST).astype(np.int64)
    labels = np.asarray(corpus.labels[rows], dtype=np.int64)
    return Labelled(name, corpus.texts_at(rows), labels, corpus.digest)
