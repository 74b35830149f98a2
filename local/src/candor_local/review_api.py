"""The review API's own command, with what its processes are given, while Candor runs."""

import subprocess

from candor_local import postgres
from candor_local.home import Home
from candor_local.services import api_environment, program
from candor_local.settings import Settings, inherited_environment


def review_api(
    settings: Settings, *arguments: str, capture: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run the command; with `capture`, what it prints is in the answer and not shown."""
    home = Home(settings.candor_home)
    environment = api_environment(settings, home, postgres.at(home.postgres))
    return subprocess.run(
        [program("review-api"), *arguments],
        env={**inherited_environment(), **environment},
        stdout=subprocess.PIPE if capture else None,
        text=True,
        check=False,
    )
