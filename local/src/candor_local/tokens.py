"""Tokens of the running product, made by the review API's command."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from candor_local.errors import CandorError
from candor_local.review_api import review_api
from candor_local.settings import Settings


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
    done = review_api(settings, "tokens", *arguments, capture=True)
    if done.returncode != 0:
        raise CandorError("the review API's command failed (see above)")
    return done.stdout
