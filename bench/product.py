"""The whole product under `candor run`, on free ports, without limits, in a home of its own."""

import os
import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import psutil

from bench import processes
from bench.figures import MeasurementError
from bench.ports import free_ports
from candor_local import postgres
from candor_local.home import Home
from candor_local.services import program
from candor_local.settings import Settings

PORTS = tuple(name.upper() for name in Settings.model_fields if name.endswith("_port"))
NO_SETTINGS: Mapping[str, str] = MappingProxyType({})
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
        return self.port("API_PORT")

    @property
    def model_port(self) -> int:
        """Where TorchServe answers."""
        return self.port("MODEL_PORT")

    def port(self, name: str) -> int:
        """Return the port of that setting."""
        return int(self.environment[name])

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
def running(settings: Mapping[str, str] = NO_SETTINGS) -> Iterator[Product]:
    """Give a product in a new home, with other settings than usual."""
    with processes.throw_away_folder() as folder, running_in(folder / "home", settings) as product:
        yield product


@contextmanager
def running_in(home: Path, settings: Mapping[str, str] = NO_SETTINGS) -> Iterator[Product]:
    """Give a product in a home that may be there already."""
    environment = {**_environment(home), **settings}
    said = home.with_suffix(".log")

    def is_ready() -> bool:
        return bool(re.search("^Candor is ready", said.read_text(), re.MULTILINE))

    started = time.perf_counter()
    with processes.running([program("candor"), "run"], environment, said, is_ready) as starter:
        yield Product(starter, Home(home), environment, time.perf_counter() - started)


def _environment(home: Path) -> dict[str, str]:
    ports = map(str, free_ports(len(PORTS)))
    own = {"CANDOR_HOME": str(home), **NO_LIMITS}
    return {**os.environ, **own, **dict(zip(PORTS, ports, strict=True))}
