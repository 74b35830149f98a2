"""What a TorchServe answers now: its version, and its scores of the probes."""

from dataclasses import dataclass

import requests

from bench.lap import people
from bench.lap.owner import wait_for
from bench.lap.report import Probe

ANSWER_PATIENCE = 30
SERVING_PATIENCE = 120


@dataclass(frozen=True)
class Served:
    """A TorchServe at `url`."""

    url: str

    def wait_for(self, version: str) -> None:
        """Wait until it answers with a version."""
        wait_for(f"{version} is served", lambda: self._version() == version, SERVING_PATIENCE)

    def _version(self) -> str | None:
        answer = self._ask("x")
        return str(answer.json()["model_version"]) if answer.ok else None

    def probe(self) -> list[float]:
        """Return the score of each probe."""
        answers = [self._ask(text).json() for text in people.probes()]
        return [round(float(answer["score"]), 4) for answer in answers]

    def _ask(self, review: str) -> requests.Response:
        url = f"{self.url}/predictions/sentiment"
        return requests.post(url, json={"review": review}, timeout=ANSWER_PATIENCE)


def paired(before: list[float], after: list[float]) -> list[Probe]:
    """Return the probes with their scores before and after."""
    stars = people.probes().items()
    return [
        Probe(text, rating, one, other)
        for (text, rating), one, other in zip(stars, before, after, strict=True)
    ]
