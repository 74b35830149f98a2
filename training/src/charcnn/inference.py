"""Reviews to probabilities with onnxruntime, as a server runs it."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from charcnn.encoding import Reading, Units, pad
from charcnn.hashed_words import WORDS, hash_words
from charcnn.scoring import LABELS

CODES_INPUT = "codes"
LOGITS_OUTPUT = "logits"
METADATA = "charcnn"
"""The key of the interface in a graph's metadata."""

MOST_TOGETHER = 64
"""How many reviews are computed at once; more would only take more memory."""

Probabilities = NDArray[np.float64]


@dataclass(frozen=True)
class Interface:
    """What a graph takes and gives; it travels in the graph's own metadata."""

    reading: Reading = field(default_factory=Reading)
    labels: tuple[str, ...] = LABELS
    """What the logits stand for: `LABELS`, or some of them in that order."""
    unit: Literal["characters", "words"] = "characters"
    """What the graph takes one after another: codes of characters, or rows of hashed words."""
    step: int = 0
    """A review is padded to the next multiple of so many units; 0: always to full length."""

    @property
    def longest(self) -> int:
        """How many units of a review are read at most."""
        return self.reading.length if self.unit == "characters" else WORDS

    def encode_one(self, text: str) -> Units:
        """Return `text` as the graph takes it: an array with a row or a number a unit."""
        if self.unit == "characters":
            return self.reading.encode_one(text)
        return hash_words(self.reading.normalise(text)[::-1])

    def padded(self, units: int) -> int:
        """Return how many units to give for a review of so many."""
        if not self.step:
            return self.longest
        steps = max(1, -(-units // self.step))
        return min(steps * self.step, self.longest)

    def as_json(self) -> str:
        """Return the interface as `from_json` reads it."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Interface":
        """Return the interface that `as_json` wrote."""
        values: dict[str, Any] = json.loads(text)
        reading = values["reading"] | {"remove": tuple(values["reading"]["remove"])}
        return cls(**values | {"reading": Reading(**reading), "labels": tuple(values["labels"])})


def softmax(logits: NDArray[np.floating]) -> Probabilities:
    """Return the softmax over the last axis, in double precision."""
    wide = np.asarray(logits, dtype=np.float64)
    shifted = np.exp(wide - wide.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))


def spread(probabilities: Probabilities, labels: Sequence[str]) -> Probabilities:
    """Return columns for all `LABELS`, 0 for those that the model does not know."""
    columns = [LABELS.index(label) for label in labels]
    wide = np.zeros((len(probabilities), len(LABELS)))
    wide[:, columns] = probabilities
    return wide


class Classifier:
    """An ONNX graph of the network, on one thread."""

    def __init__(self, graph: Path) -> None:
        options = onnxruntime.SessionOptions()
        # Servers run one worker a core; more threads in each would only compete.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(graph), options, providers=["CPUExecutionProvider"]
        )
        metadata = self._session.get_modelmeta().custom_metadata_map
        self.interface = Interface.from_json(metadata[METADATA])

    def logits(self, codes: Units) -> NDArray[np.float32]:
        """Return logits of shape (batch, labels) for codes of shape (batch, units, ...)."""
        feed = {CODES_INPUT: codes.astype(np.int64)}
        return np.asarray(self._session.run([LOGITS_OUTPUT], feed)[0])

    def probabilities(self, texts: Sequence[str]) -> Probabilities:
        """Return probabilities of shape (len(texts), 3), ordered as `scoring.LABELS`."""
        rows = [self.interface.encode_one(text) for text in texts]
        answers = np.zeros((len(rows), len(self.interface.labels)))
        for length, chosen in self._of_like_length(rows):
            codes = pad([rows[index] for index in chosen], length)
            answers[chosen] = softmax(self.logits(codes))
        return spread(answers, self.interface.labels)

    def _of_like_length(self, rows: Sequence[Units]) -> list[tuple[int, NDArray[np.int64]]]:
        """Return (padded length, row numbers), at most `MOST_TOGETHER` rows each."""
        lengths = np.array([self.interface.padded(len(row)) for row in rows], dtype=np.int64)
        groups = [(int(length), np.flatnonzero(lengths == length)) for length in np.unique(lengths)]
        return [
            (length, group[start : start + MOST_TOGETHER])
            for length, group in groups
            for start in range(0, len(group), MOST_TOGETHER)
        ]
