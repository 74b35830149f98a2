"""The whole product under `candor run`, on free ports, without limits, in a home of its own."""

import os
import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench import processes
from bench.figures import MeasurementError
from candor_local import postgres
from candor_local.home import Home
from candor_local.services import program

PORTS = ("UI_PORT", "API_PORT", "MODEL_PORT", "MANAGEMENT_PORT", "METRICS_PORT", "SYNC_PORT")
NO_LIMITS = {"WRITES_PER_MINUTE": "0", "PREDICTIONS_PER_MINUTE": "0"}


@dataclass(frozen=True)
class Product:
    """A product that is ready, and the seconds it took from its start."""

    starter: psutil.Popen
    home: Home
    environment: Mapping[str, str]
    seconds: float

    @property
    def api_port(self) -> int:
        """Where the review API answers."""
        return int(self.environment["API_PORT"])

    @property
    def model_port(self) -> int:
        """Where TorchServe answers."""
        return int(self.environment["MODEL_PORT"])

    @property
    def database_url(self) -> str:
        """The address of its database."""
        return postgres.at(self.home.postgres).url

    def owner_headers(self) -> dict[str, str]:
        """Return headers with a new owner's token."""
        done = subprocess.run(
            [program("candor"), "token"],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise MeasurementError(f"candor token failed: {done.stderr.strip()}")
        return {"Authorization": f"Bearer {done.stdout.split()[-1]}"}


@contextmanager
def running() -> Iterator[Product]:
    """Give a product in a new home."""
    with processes.throw_away_folder() as folder, running_in(folder / "home") as product:
        yield product


@contextmanager
def running_in(home: Path) -> Iterator[Product]:
    """Give a product in a home that may be there already."""
    environment = _environment(home)
    said = home.with_suffix(".log")

    def is_ready() -> bool:
        return bool(re.search("^Candor is ready", said.read_text(), re.MULTILINE))

    started = time.perf_counter()
    with processes.running([program("candor"), "run"], environment, said, is_ready) as starter:
        yield Product(starter, Home(home), environment, time.perf_counter() - started)


def _environment(home: Path) -> dict[str, str]:
    ports = map(str, processes.free_ports(len(PORTS)))
    own = {"CANDOR_HOME": str(home), **NO_LIMITS}
    return {**os.environ, **own, **dict(zip(PORTS, ports, strict=True))}
