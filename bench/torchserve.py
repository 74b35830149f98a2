"""TorchServe alone, and its model registered anew under other batch settings."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from bench import processes
from bench.figures import MeasurementError
from bench.ports import free_ports
from candor_local.health import has_ready_worker
from candor_local.services import address, program
from candor_local.settings import read_settings

PATIENCE = 120.0
"""Seconds that a worker may take to start."""

Query = Mapping[str, str | int]


@dataclass(frozen=True)
class BatchSetting:
    """How many requests a batch may have, and the milliseconds that one waits for others."""

    size: int
    delay: int

    def __str__(self) -> str:
        return f"{self.size}x{self.delay}"


@dataclass(frozen=True)
class TorchServe:
    """A running TorchServe."""

    port: int
    management: str

    def register(self, setting: BatchSetting) -> None:
        """Put the model away and register it under a setting, with one ready worker.

        Raises:
            MeasurementError: TorchServe refuses, or does not take the setting.
        """
        wanted: Query = {"batch_size": setting.size, "max_batch_delay": setting.delay}
        model: Query = {"url": "sentiment.mar", "initial_workers": 1, "synchronous": "true"}
        self._call("DELETE", "/models/sentiment")
        self._call("POST", "/models", {**model, **wanted})
        (found,) = self._call("GET", "/models/sentiment").json()
        if (found["batchSize"], found["maxBatchDelay"]) != (setting.size, setting.delay):
            raise MeasurementError(f"TorchServe does not take the batch setting {setting}")

    def _call(self, method: str, path: str, query: Query | None = None) -> requests.Response:
        response = requests.request(
            method, f"{self.management}{path}", params=query, timeout=PATIENCE
        )
        if not response.ok:
            raise MeasurementError(f"{method} {path} of TorchServe: {response.text.strip()}")
        return response


@contextmanager
def running() -> Iterator[TorchServe]:
    """Give a TorchServe with the model that the product would serve."""
    with processes.throw_away_folder() as folder:
        port, management, metrics = free_ports(3)
        command = _command(port, management, metrics, folder / "home")
        is_ready = has_ready_worker(address(management, "/models/sentiment"))
        with processes.running(command, os.environ, folder / "log.txt", is_ready):
            yield TorchServe(port, address(management))


def _command(port: int, management: int, metrics: int, home: Path) -> list[str]:
    options = {
        "--model-store": read_settings().model_store,
        "--port": port,
        "--management-port": management,
        "--metrics-port": metrics,
        "--home": home,
    }
    words = [str(word) for option in options.items() for word in option]
    return [program("model-server"), "serve", *words]
