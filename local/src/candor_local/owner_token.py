"""`candor token`: a token for the owner's own programs, made by the review API's command."""

import subprocess

from candor_local import postgres
from candor_local.errors import CandorError
from candor_local.home import Home
from candor_local.lock import holder
from candor_local.services import api_environment, program
from candor_local.settings import Settings, inherited_environment


def print_token(settings: Settings) -> None:
    """Print a new token alone on the last line.

    Raises:
        CandorError: Candor does not run, or the token cannot be made.
    """
    home = Home(settings.candor_home)
    if holder(home.lock) is None:
        raise CandorError("Candor does not run: start it with `make run`, then ask again")
    server = postgres.at(home.postgres)
    done = subprocess.run(
        [program("review-api"), "tokens", "create", "owner", "--scope", "admin"],
        env={**inherited_environment(), **api_environment(settings, home, server)},
        check=False,
    )
    if done.returncode != 0:
        raise CandorError("the token could not be made (see above)")
