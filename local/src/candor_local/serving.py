"""Waits until TorchServe answers with the version that an alias means."""

import time
from collections.abc import Mapping
from typing import Any

from candor_local.errors import CandorError
from candor_local.health import get
from candor_local.home import Home
from candor_local.model_servers import ModelServer
from candor_local.services import address
from candor_local.settings import Settings

TICK = 0.3
"""Seconds between two looks."""


def tell_when_served(settings: Settings, home: Home, server: ModelServer) -> None:
    """Wait until what the alias means now is served, and print how long that took.

    Raises:
        CandorError: it cannot be served, or is not within the time that a part has to start.
    """
    started = time.monotonic()
    version = _version(settings, home, server.alias)
    _wait(server, version, settings.start_timeout)
    print(f"{version} is served after {time.monotonic() - started:.1f} s")


def _version(settings: Settings, home: Home, alias: str) -> str:
    url = address(settings.api_port, f"/api/model-aliases/{alias}")
    answer = get(url, headers={"Authorization": f"Bearer {home.secret('training-token')}"})
    if answer is None or not answer.ok:
        raise CandorError(f"{url} does not answer")
    return str(answer.json()["model"]["version"])


def _wait(server: ModelServer, version: str, patience: float) -> None:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        said = _said(server)
        if said.get("wanted") == version:
            if said["problem"]:
                raise CandorError(f"{version} is {server.alias}, but not served: {said['problem']}")
            if said["serving"] == version:
                return
        time.sleep(TICK)
    raise CandorError(f"{version} is {server.alias}, but not served after {patience:g} s")


def _said(server: ModelServer) -> Mapping[str, Any]:
    answer = get(address(server.sync_port, "/readyz"))
    return answer.json() if answer is not None and answer.ok else {}
