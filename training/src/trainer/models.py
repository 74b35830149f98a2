"""A trained model, wherever it is: a run's folder, a `.mar`, or a running TorchServe."""

import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import numpy as np
import requests
import torch

from charcnn.encoding import Units, pad
from charcnn.inference import MOST_TOGETHER, Classifier, Probabilities, softmax, spread
from charcnn.scoring import LABELS
from trainer import checkpoint
from trainer.checkpoint import Trained
from trainer.errors import ModelError

CHUNK = 1024
"""Reviews handed to a model at once, so that it can compute those of like length together."""

SERVED = "/predictions/sentiment"
"""Where TorchServe answers, if the address given says nothing else."""


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

    trained: Trained
    description: str

    def probabilities(self, texts: Sequence[str]) -> Probabilities:
        """Answer with the fp32 network, reviews of equal padded length together."""
        rows = [self.trained.interface.encode_one(text) for text in texts]
        lengths = np.array([self.trained.network.config.needed(len(row)) for row in rows])
        answers = np.empty((len(rows), len(self.trained.interface.labels)))
        for length in np.unique(lengths):
            group = np.flatnonzero(lengths == length)
            for start in range(0, len(group), MOST_TOGETHER):
                chosen = group[start : start + MOST_TOGETHER]
                answers[chosen] = self._answers(pad([rows[row] for row in chosen], int(length)))
        return spread(answers, self.trained.interface.labels)

    def _answers(self, codes: Units) -> Probabilities:
        with torch.inference_mode():
            return softmax(self.trained.network(torch.from_numpy(codes).int()).numpy())


@dataclass(frozen=True)
class ArchivedModel:
    """The graph in a `.mar`, computed as TorchServe's workers do."""

    classifier: Classifier
    description: str

    def probabilities(self, texts: Sequence[str]) -> Probabilities:
        """Answer with the archived graph."""
        return self.classifier.probabilities(texts)


@dataclass(frozen=True)
class ServedModel:
    """A running TorchServe; `url` takes predictions."""

    url: str
    description: str

    def probabilities(self, texts: Sequence[str]) -> Probabilities:
        """Post the reviews one by one."""
        with requests.Session() as session:
            return np.array([self._ask(session, text) for text in texts])

    def _ask(self, session: requests.Session, text: str) -> list[float]:
        try:
            answer = session.post(self.url, json={"review": text}, timeout=30)
        except requests.RequestException as error:
            raise ModelError(f"{self.url} does not answer: {error}") from error
        try:
            probabilities = answer.json()["probabilities"]
            return [float(probabilities[label]) for label in LABELS]
        except (ValueError, KeyError, TypeError) as error:
            reason = f"{answer.status_code} {answer.text.strip()[:200]}"
            raise ModelError(f"{self.url} answers a review with {reason}") from error


def open_model(place: str) -> Model:
    """Return the model at `place`: an address, a `.mar` file or a run's folder.

    Raises:
        ModelError: there is none.
    """
    address = urlsplit(place)
    if address.scheme in ("http", "https"):
        whole = address._replace(path=address.path.rstrip("/") or SERVED)
        return ServedModel(whole.geturl(), f"TorchServe at {place}")
    path = Path(place)
    if path.is_file() and zipfile.is_zipfile(path):
        return open_archive(path)
    if (path / checkpoint.WEIGHTS).is_file():
        trained = checkpoint.load(path)
        return CheckpointModel(trained, f"checkpoint {path.name} ({trained.name}), fp32")
    raise ModelError(f"{place} is neither an address, a .mar file nor the folder of a run")


def in_chunks(texts: Iterable[str]) -> Iterator[list[str]]:
    """Yield `texts` in lists of at most `CHUNK`, each as soon as it is full."""
    iterator = iter(texts)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk


def open_archive(path: Path) -> ArchivedModel:
    """Return the model in a `.mar`.

    Raises:
        ModelError: it is no archive that can be read.
    """
    with unpacked(path) as (_, model):
        return model


@contextmanager
def unpacked(path: Path) -> Iterator[tuple[Path, ArchivedModel]]:
    """Give the graph in a `.mar` as a file, and its model.

    Raises:
        ModelError: it is no archive that can be read.
    """
    with tempfile.TemporaryDirectory() as folder:
        try:
            with zipfile.ZipFile(path) as archive:
                manifest = json.loads(archive.read("MAR-INF/MANIFEST.json"))["model"]
                graph = Path(archive.extract(manifest["serializedFile"], folder))
            description = f"{path.name} version {manifest['modelVersion']}, {graph.stem}"
            model = ArchivedModel(Classifier(graph), description)
        except (KeyError, ValueError, zipfile.BadZipFile) as error:
            reason = f"{path} is no archive that archive.py of this version made"
            raise ModelError(f"{reason}: {error}") from error
        yield graph, model
