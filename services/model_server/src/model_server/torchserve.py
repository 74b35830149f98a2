"""TorchServe's management API, as far as changing from one version to another needs it."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import requests

from model_server.calls import call, reason, words_of
from model_server.store import MODEL

PATIENCE = 10.0
"""Seconds for what is quick."""
Query = Mapping[str, str | int]
TICK = 0.3
"""Seconds between two looks at workers that start."""
WARMING_REVIEW = "Good and quick, though the box was open."


class TorchServeError(RuntimeError):
    """TorchServe does not do what it was asked; the message says why."""


class TorchServeAwayError(TorchServeError):
    """It does not answer at all."""


@dataclass(frozen=True)
class Served:
    """What TorchServe has: the archive of each version, and which version is the default."""

    archives: Mapping[str, str]
    default: str | None

    @property
    def archive(self) -> str | None:
        """The archive of the default version."""
        return None if self.default is None else self.archives.get(self.default)


@dataclass(frozen=True)
class TorchServe:
    """A running TorchServe; each version gets so many workers, within so many seconds."""

    management: str
    inference: str
    workers: int
    start_seconds: float

    def served(self) -> Served:
        """Return what it has now."""
        default = self._versions(f"/models/{MODEL}")
        if not default:
            return Served({}, None)
        every = self._versions(f"/models/{MODEL}/all")
        archives = {one["modelVersion"]: one["modelUrl"] for one in every}
        return Served(archives, default[0]["modelVersion"])

    def register(self, archive: str) -> None:
        """Unpack an archive of the store as one more version, without workers yet."""
        query: Query = {"url": archive, "model_name": MODEL, "initial_workers": 0}
        self._manage("POST", "/models", query, self.start_seconds)

    def start_workers(self, version: str) -> None:
        """Start the workers of a version and wait until each has loaded the model."""
        path = f"/models/{MODEL}/{version}"
        # With synchronous=true TorchServe would keep a thread that answers predictions, too.
        self._manage("PUT", path, {"min_worker": self.workers})
        deadline = time.monotonic() + self.start_seconds
        processes: dict[str, int] = {}
        while not self._all_ready(workers := self._workers(path)):
            if _died(workers, processes):
                raise TorchServeError(f"a worker of version {version} died while it started")
            if time.monotonic() > deadline:
                seconds = f"{self.start_seconds:g} s"
                raise TorchServeError(f"version {version} has too few workers after {seconds}")
            time.sleep(TICK)

    def warm(self, version: str) -> None:
        """Have a version answer before anybody depends on it, and see that it is the one."""
        url = f"{self.inference}/predictions/{MODEL}/{version}"
        # Idle workers take turns; twice as many requests reach each of them.
        for _ in range(2 * self.workers):
            answer = self._call("POST", url, self.start_seconds, json={"review": WARMING_REVIEW})
            if _version_in(answer) != version:
                raise TorchServeError(f"version {version} does not answer as it should")

    def set_default(self, version: str) -> None:
        """Send requests that name no version to this one from now on."""
        self._manage("PUT", f"/models/{MODEL}/{version}/set-default")

    def unregister(self, version: str) -> None:
        """Stop the workers of a version and remove what was unpacked of it."""
        self._manage("DELETE", f"/models/{MODEL}/{version}", timeout=self.start_seconds)

    def _workers(self, path: str) -> list[dict[str, Any]]:
        return [worker for one in self._versions(path) for worker in one["workers"]]

    def _all_ready(self, workers: list[dict[str, Any]]) -> bool:
        ready = [worker for worker in workers if worker["status"] == "READY"]
        return len(ready) >= self.workers

    def _versions(self, path: str) -> list[dict[str, Any]]:
        try:
            response = call("GET", f"{self.management}{path}", PATIENCE)
        except requests.RequestException as error:
            raise TorchServeAwayError(f"TorchServe: {reason(error)}") from error
        if response.status_code == requests.codes.not_found:
            return []
        found: list[dict[str, Any]] = _checked(response).json()
        return found

    def _manage(
        self,
        method: str,
        path: str,
        query: Query | None = None,
        timeout: float = PATIENCE,
    ) -> None:
        self._call(method, f"{self.management}{path}", timeout, params=query)

    def _call(self, method: str, url: str, timeout: float, **content: Any) -> requests.Response:  # noqa: ANN401  # What `call` takes.
        try:
            return _checked(call(method, url, timeout, **content))
        except requests.Timeout as error:
            raise TorchServeError(f"TorchServe needs more than {timeout:g} s") from error
        except requests.RequestException as error:
            raise TorchServeAwayError(f"TorchServe: {reason(error)}") from error


def _died(workers: Iterable[Mapping[str, Any]], processes: dict[str, int]) -> bool:
    """Return whether a worker has another process than before; `processes` are those so far."""
    running = {worker["id"]: worker["pid"] for worker in workers if worker["pid"] > 0}
    return any(processes.setdefault(worker, pid) != pid for worker, pid in running.items())


def _version_in(answer: requests.Response) -> object:
    try:
        verdict = answer.json()
    except ValueError:
        return None
    return verdict.get("model_version") if isinstance(verdict, dict) else None


def _checked(response: requests.Response) -> requests.Response:
    if not response.ok:
        raise TorchServeError(f"TorchServe says {words_of(response)}")
    return response
