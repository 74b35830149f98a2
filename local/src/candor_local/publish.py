"""`candor publish`: a model goes live in the running product, and we see it do so."""

import subprocess
import sys
import time
from pathlib import Path

from candor_local.errors import CandorError
from candor_local.health import get
from candor_local.home import Home
from candor_local.services import address
from candor_local.settings import CHECKOUT, Settings, inherited_environment

TICK = 0.3
"""Seconds between two looks."""


def publish(settings: Settings, home: Home, archive: Path) -> None:
    """Publish an archive and wait until TorchServe answers with it.

    Raises:
        CandorError: it cannot be published or served.
    """
    token = home.secret("training-token")
    done = subprocess.run(
        [
            *(sys.executable, CHECKOUT / "training" / "publish.py", archive),
            *("--store", home.models.as_uri()),
            *("--api", address(settings.api_port)),
        ],
        env={**inherited_environment(), "MODELS_TOKEN": token},
        check=False,
    )
    if done.returncode != 0:
        raise CandorError("the model was not published (see above)")
    started = time.monotonic()
    _wait(settings, _version_in_production(settings, token))
    print(f"served after {time.monotonic() - started:.1f} s")


def _version_in_production(settings: Settings, token: str) -> str:
    url = address(settings.api_port, "/api/model-aliases/production")
    answer = get(url, headers={"Authorization": f"Bearer {token}"})
    if answer is None or not answer.ok:
        raise CandorError(f"{url} does not answer")
    return str(answer.json()["model"]["version"])


def _wait(settings: Settings, version: str) -> None:
    deadline = time.monotonic() + settings.start_timeout
    while time.monotonic() < deadline:
        answer = get(address(settings.sync_port, "/readyz"))
        said = answer.json() if answer is not None and answer.ok else {}
        if said.get("production") == version:
            if said["problem"]:
                raise CandorError(f"the model is published, but not served yet: {said['problem']}")
            if said["serving"] == version:
                return
        time.sleep(TICK)
    raise CandorError(f"the model is published, but not served after {settings.start_timeout:g} s")
