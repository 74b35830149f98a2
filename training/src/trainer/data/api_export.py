"""The review API's export of what to train on, `http://HOST/api/training-data`, as one more file.

A run keeps the moment (`until=`) that its export is of, so that it can be repeated and resumed
however many reviews have come since.
"""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO
from urllib.parse import parse_qsl, urlencode

import requests

from trainer.data.errors import DataError

PATH = "/api/training-data"
TOKEN = "TRAINING_TOKEN"  # noqa: S105  # The variable's name, not a token.
WEIGHT = "weight"
"""The column that an export has where it says how often to draw a review."""
PIECE = 64 * 1024
"""Bytes read at a time."""
PATIENCE = 60.0
"""Seconds to wait for the next bytes."""


def is_export(address: str) -> bool:
    """Return whether `address` is that of an export."""
    return address.startswith(("http://", "https://")) and _page(address).endswith(PATH)


def fixed(address: str) -> str:
    """Return the address with the moment that it is of; by the API's clock, now.

    Raises:
        DataError: the API does not answer, or refuses.
    """
    if not is_export(address) or "until" in _query(address):
        return address
    try:
        with _answered(address) as response:
            moment = response.headers.get("X-Until")
        if moment is None:
            raise DataError("it does not say of which moment it is")
    except DataError as error:
        raise DataError(f"cannot use {address}: {error}") from error
    return _with_query(address, {**_query(address), "until": moment})


def of_any_moment(address: str) -> str:
    """Return the address of an export without its moment, and any other address as it is."""
    if not is_export(address):
        return address
    rest = {name: value for name, value in _query(address).items() if name != "until"}
    return _with_query(address, rest)


@dataclass(frozen=True)
class Export:
    """An export as it comes, and what the API left out: ``quarantine=3, address=12``."""

    lines: IO[bytes]
    left_out: str


@contextmanager
def opened(address: str) -> Iterator[Export]:
    """Open the export.

    Raises:
        DataError: the API does not answer, or refuses.
    """
    with _answered(address) as response, io.BufferedReader(_Body(response)) as stream:
        counts = response.headers.get("X-Left-Out", "").split(", ")
        yield Export(stream, ", ".join(count for count in counts if not count.endswith("=0")))


@contextmanager
def opened_lines(address: str) -> Iterator[IO[bytes]]:
    """Open the export as what it is beside its head: a file.

    Raises:
        DataError: the API does not answer, or refuses.
    """
    with opened(address) as export:
        yield export.lines


class _Body(io.RawIOBase):
    """The body of an answer as it comes; one that breaks off raises an OSError, as files do."""

    def __init__(self, response: requests.Response) -> None:
        self._pieces = response.iter_content(PIECE)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # Typeshed's Buffer is newer than our oldest Python.
        self._rest = self._rest or next(self._pieces, b"")
        count = min(len(buffer), len(self._rest))
        buffer[:count], self._rest = self._rest[:count], self._rest[count:]
        return count


@contextmanager
def _answered(address: str) -> Iterator[requests.Response]:
    # The token is no option, since options are saved with the run.
    token = os.environ.get(TOKEN)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        response = requests.get(address, headers=headers, stream=True, timeout=PATIENCE)
    except requests.RequestException as error:
        raise DataError("nobody answers there") from error
    with response:
        if not response.ok:
            raise DataError(_refusal(response))
        yield response


def _refusal(response: requests.Response) -> str:
    if response.status_code in (requests.codes.unauthorized, requests.codes.forbidden):
        return f"set {TOKEN} to a token that may training:read"
    return f"it answers {response.status_code} {' '.join(response.text.split())[:200]}"


def _page(address: str) -> str:
    return address.partition("?")[0]


def _query(address: str) -> dict[str, str]:
    return dict(parse_qsl(address.partition("?")[2]))


def _with_query(address: str, query: dict[str, str]) -> str:
    return "?".join(filter(None, [_page(address), urlencode(query)]))
