"""Tokens of the running product, made by the review API's command."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from candor_local import postgres
from candor_local.errors import CandorError
from candor_local.home import Home
from candor_local.services import api_environment, program
from candor_local.settings import Settings, inherited_environment


def print_token(settings: Settings) -> None:
    """Print a new owner's token alone on the last line.

    Raises:
        CandorError: it cannot be made.
    """
    print(_tokens(settings, "create", "owner", "--scope", "admin"), end="")


@contextmanager
def reading_token(settings: Settings) -> Iterator[str]:
    """Give a token that may read reviews, and revoke it afterwards.

    Raises:
        CandorError: it cannot be made.
    """
    said = _tokens(settings, "create", "candor refresh", "--scope", "reviews:read")
    number = re.findall(r"^token (\d+) ", said, re.MULTILINE)[0]
    try:
        yield said.splitlines()[-1]
    finally:
        _tokens(settings, "revoke", number)


def _tokens(settings: Settings, *arguments: str) -> str:
    home = Home(settings.candor_home)
    server = postgres.at(home.postgres)
    done = subprocess.run(
        [program("review-api"), "tokens", *arguments],
        env={**inherited_environment(), **api_environment(settings, home, server)},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise CandorError("the review API's command failed (see above)")
    return done.stdout
