"""A trained model, wherever it is: a checkpoint folder, a `.mar`, or a running TorchServe."""

import json
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import numpy as np
import requests

from charcnn.inference import Classifier, Probabilities
from charcnn.network import CharCNN
from charcnn.scoring import LABELS
from trainer import checkpoint
from trainer.loop import predict

BATCH = 64


class ModelError(RuntimeError):
    """There is no model at the place named, or it does not answer."""


class Model(Protocol):
    """Answers reviews; `description` says what it is and in which precision it computes."""

    @property
    def description(self) -> str:
        """What is answering, for people."""

    def probabilities(self, texts: Sequence[str]) -> Probabilities:
        """Return probabilities of shape (len(texts), 3), ordered as `LABELS`."""


@dataclass(frozen=True)
class CheckpointModel:
    """Weights as training left them."""

    network: CharCNN
    description: str = "checkpoint, fp32"

    def probabilities(self, texts: Sequence[str]) -> Probabilities:
        """Answer with the fp32 network."""
        return predict(self.network, texts)


@dataclass(frozen=True)
class ArchivedModel:
    """The graph in a `.mar`, computed as TorchServe's workers do."""

    classifier: Classifier
    description: str

    def probabilities(self, texts: Sequence[str]) -> Probabilities:
        """Answer with the archived graph."""
        return classify_all(self.classifier, texts)


@dataclass(frozen=True)
class ServedModel:
    """A running TorchServe."""

    url: str
    description: str

    def probabilities(self, texts: Sequence[str]) -> Probabilities:
        """Post the reviews one by one."""
        with requests.Session() as session:
            return np.array([self._ask(session, text) for text in texts])

    def _ask(self, session: requests.Session, text: str) -> list[float]:
        try:
            answer = session.post(
                f"{self.url}/predictions/sentiment", json={"review": text}, timeout=30
            )
            answer.raise_for_status()
        except requests.RequestException as error:
            raise ModelError(f"{self.url} does not answer: {error}") from error
        return [answer.json()["probabilities"][label] for label in LABELS]


def open_model(place: str) -> Model:
    """Return the model at `place`: an address, a `.mar` file or a checkpoint folder.

    Raises:
        ModelError: there is none.
    """
    if urlsplit(place).scheme in ("http", "https"):
        return ServedModel(place.rstrip("/"), f"TorchServe at {place}")
    path = Path(place)
    if path.is_file() and zipfile.is_zipfile(path):
        return _open_archive(path)
    if (path / checkpoint.WEIGHTS).is_file():
        return CheckpointModel(checkpoint.load(path))
    raise ModelError(f"{place} is neither an address, a .mar file nor a checkpoint folder")


def classify_all(classifier: Classifier, texts: Sequence[str]) -> Probabilities:
    """Return the probabilities of any number of texts, a batch at a time."""
    starts = range(0, len(texts), BATCH)
    return np.concatenate([classifier.probabilities(texts[s : s + BATCH]) for s in starts])


def _open_archive(path: Path) -> ArchivedModel:
    with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory() as folder:
        manifest = json.loads(archive.read("MAR-INF/MANIFEST.json"))["model"]
        graph = archive.extract(manifest["serializedFile"], folder)
        precision = Path(graph).stem
        description = f"{path.name} version {manifest['modelVersion']}, {precision}"
        return ArchivedModel(Classifier(Path(graph)), description)
