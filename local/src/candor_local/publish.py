"""`candor publish` and `candor rollback`: another model goes live, and we see it do so."""

import subprocess
import sys
from pathlib import Path

from candor_local import model_servers
from candor_local.errors import CandorError
from candor_local.health import get
from candor_local.home import Home
from candor_local.model_servers import ModelServer
from candor_local.review_api import review_api
from candor_local.services import address, training_environment
from candor_local.serving import tell_when_served
from candor_local.settings import CHECKOUT, Settings, inherited_environment


def publish(
    settings: Settings, home: Home, archive: Path, alias: str = "production", *, gate: bool = True
) -> None:
    """Publish an archive, which the gate judges first, and wait until TorchServe answers with it.

    Raises:
        CandorError: the gate fails it, or it cannot be published or served.
    """
    server = _server(settings, home, alias)
    done = subprocess.run(
        [
            *(sys.executable, CHECKOUT / "training" / "publish.py", archive),
            *("--store", home.models.as_uri()),
            *("--api", address(settings.api_port)),
            *("--alias", alias),
            *(() if gate else ("--no-gate",)),
        ],
        env={**inherited_environment(), **training_environment(home)},
        check=False,
    )
    if done.returncode != 0:
        raise CandorError("the model was not published (see above)")
    tell_when_served(settings, home, server)


def roll_back(settings: Settings, home: Home, reason: str) -> None:
    """Have production be what it was before, and wait until TorchServe answers with it.

    Raises:
        CandorError: there is nothing to go back to, or it is not served.
    """
    if review_api(settings, "models", "rollback", "--reason", reason).returncode != 0:
        raise CandorError("production is as it was (see above)")
    tell_when_served(settings, home, model_servers.production(settings, home))


def _server(settings: Settings, home: Home, alias: str) -> ModelServer:
    server = model_servers.of(alias, settings, home)
    if get(address(server.sync_port, "/healthz")) is None:
        raise CandorError(f"no TorchServe runs for {alias}: start Candor with CANARY=1")
    return server
