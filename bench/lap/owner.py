"""The owner of the lap: starts trainings, sets models, and waits until things have happened."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests

from bench.figures import MeasurementError

ANSWER_PATIENCE = 30
TRAINING_PATIENCE = 900
SCORING_PATIENCE = 300
TICK = 0.2


@dataclass(frozen=True)
class Owner:
    """Somebody who is logged in to the review API at `api`."""

    api: str
    session: requests.Session

    def get(self, path: str) -> Any:  # noqa: ANN401  # Whatever JSON the route has.
        """Return what a route answers."""
        return self._call("GET", path).json()

    def find(self, path: str) -> Any:  # noqa: ANN401  # Whatever JSON the route has.
        """Return what a route answers, None where there is nothing."""
        answer = self._send("GET", path)
        return None if answer.status_code == requests.codes.not_found else _checked(answer).json()

    def put(self, path: str, **body: object) -> Any:  # noqa: ANN401  # Whatever JSON the route has.
        """Change something and return it."""
        return self._call("PUT", path, json=body).json()

    def post(self, path: str, **body: object) -> Any:  # noqa: ANN401  # Whatever JSON the route has.
        """Begin something and return it."""
        return self._call("POST", path, json=body).json()

    def text(self, path: str) -> str:
        """Return a route's text."""
        return self._call("GET", path).text

    def refusal(self, path: str, **body: object) -> str:
        """Try to change something that must be refused; return the reason."""
        answer = self._send("PUT", path, json=body)
        if answer.status_code != requests.codes.conflict:
            raise MeasurementError(f"PUT {path} was not refused: {answer.status_code}")
        return str(answer.json()["detail"])

    def version_of(self, alias: str) -> str | None:
        """Return the version that an alias means."""
        found = self.find(f"/api/model-aliases/{alias}")
        return str(found["model"]["version"]) if found else None

    def train(self, alias: str) -> str:
        """Have the training job train and publish; return the version, which the alias now means.

        Raises:
            MeasurementError: the job failed; the message has the end of its log.
        """
        run = self.post("/api/jobs/training/runs")

        def state() -> str:
            runs = self.get("/api/jobs/training/runs")
            return str(next(one["state"] for one in runs if one["id"] == run["id"]))

        going = ("waiting", "running")
        wait_for("the training ends", lambda: state() not in going, TRAINING_PATIENCE)
        version = self.version_of(alias)
        if state() != "succeeded" or version is None:
            log = self.text(f"/api/jobs/training/runs/{run['id']}/log?tail=20")
            raise MeasurementError(f"the training has {state()}:\n{log}")
        return version

    def gate_of(self, version: str) -> dict[str, Any]:
        """Return what the gate said of a version."""
        return dict(self.get(f"/api/model-versions/sentiment/{version}")["gate"])

    def wait_until_scored(self) -> None:
        """Wait for the worker's own scores of all reviews."""
        wait_for("all reviews are scored", self._is_all_scored, SCORING_PATIENCE)

    def _is_all_scored(self) -> bool:
        return bool(self.get("/api/insights")["totals"]["unscored"] == 0)

    def use_all_held_back(self) -> int:
        """Decide that what is in quarantine may be trained on; return how many reviews it was."""
        # An export looks first whether anything is to be held back.
        self.text("/api/training-data")
        done = 0
        while waiting := self.get("/api/quarantine?limit=100"):
            for review in waiting:
                decision = {"decision": "use", "reason": "they mean it"}
                self.put(f"/api/quarantine/{review['id']}", **decision)
            done += len(waiting)
        return done

    def roll_back(self) -> None:
        """Go back to the version before."""
        self.post("/api/model-aliases/production/rollback", reason="to see that it can")

    def _call(self, method: str, path: str, **options: Any) -> requests.Response:  # noqa: ANN401  # As requests has them.
        return _checked(self._send(method, path, **options))

    def _send(self, method: str, path: str, **options: Any) -> requests.Response:  # noqa: ANN401  # As requests has them.
        return self.session.request(method, self.api + path, timeout=ANSWER_PATIENCE, **options)


def log_in(api: str, username: str, password: str) -> Owner:
    """Return the owner after logging in."""
    session = requests.Session()
    who = {"username": username, "password": password}
    _checked(session.post(f"{api}/api/session", json=who, timeout=ANSWER_PATIENCE))
    return Owner(api, session)


def wait_for(what: str, happened: Callable[[], bool], seconds: float) -> float:
    """Return how many seconds it took until something had happened.

    Raises:
        MeasurementError: it did not happen in time.
    """
    started = time.monotonic()
    while not happened():
        if time.monotonic() - started > seconds:
            raise MeasurementError(f"not within {seconds:g} s: {what}")
        time.sleep(TICK)
    return time.monotonic() - started


def _checked(answer: requests.Response) -> requests.Response:
    if not answer.ok:
        request = answer.request
        raise MeasurementError(
            f"{request.method} {request.url}: {answer.status_code} {answer.text[:300]}"
        )
    return answer
