"""HTTP calls to neighbours: never through a proxy, which is for the way out of the machine."""

from collections.abc import Mapping
from typing import Any

import requests


def call(
    method: str,
    url: str,
    timeout: float,
    *,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str | int] | None = None,
    json: Any = None,  # noqa: ANN401  # Whatever JSON can hold.
) -> requests.Response:
    """Return the answer to one call, whatever its status.

    Raises:
        requests.RequestException: there is none in `timeout` seconds.
    """
    with requests.Session() as session:
        session.trust_env = False
        return session.request(
            method, url, timeout=timeout, headers=headers, params=params, json=json
        )


def reason(error: requests.RequestException) -> str:
    """Return in a few words why there is no answer; the library's own are long and change."""
    return "it takes too long" if isinstance(error, requests.Timeout) else "it does not answer"


def words_of(response: requests.Response) -> str:
    """Return what an answer that is no success says, short enough for a log."""
    return f"{response.status_code} {' '.join(response.text.split())[:200]}"
