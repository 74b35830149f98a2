"""Reviews to probabilities with onnxruntime, as a server runs it."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from charcnn.encoding import Codes, encode

CODES_INPUT = "codes"
LOGITS_OUTPUT = "logits"

Probabilities = NDArray[np.float64]


def softmax(logits: NDArray[np.floating]) -> Probabilities:
    """Return the softmax over the last axis, in double precision."""
    wide = np.asarray(logits, dtype=np.float64)
    shifted = np.exp(wide - wide.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))


class Classifier:
    """An ONNX graph of the network, on one thread."""

    def __init__(self, graph: Path) -> None:
        options = onnxruntime.SessionOptions()
        # Servers run one worker a core; more threads in each would only compete.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(graph), options, providers=["CPUExecutionProvider"]
        )

    def logits(self, codes: Codes) -> NDArray[np.float32]:
        """Return logits of shape (batch, classes) for codes of shape (batch, LENGTH)."""
        feed = {CODES_INPUT: codes.astype(np.int64)}
        return np.asarray(self._session.run([LOGITS_OUTPUT], feed)[0])

    def probabilities(self, texts: Sequence[str]) -> Probabilities:
        """Return probabilities of shape (len(texts), 3), ordered as `scoring.LABELS`."""
        return softmax(self.logits(encode(texts)))
