"""Questions to a running part: can it serve?"""

from collections.abc import Callable, Mapping

import requests

Check = Callable[[], bool]
PATIENCE = 2.0
"""Seconds to wait for an answer."""


def at_once() -> bool:
    """Answer for a part that has nothing to ask: it is healthy while it runs."""
    return True


def answers(url: str) -> Check:
    """Return a check that a GET of an address is answered with success."""

    def check() -> bool:
        response = get(url)
        return response is not None and response.ok

    return check


def has_ready_worker(url: str) -> Check:
    """Return a check that TorchServe can score, by the management address of a model.

    `model-server ready` says the same, but starting it for each look would slow the start down.
    """

    def check() -> bool:
        response = get(url)
        if response is None or not response.ok:
            return False
        return any(
            worker.get("status") == "READY"
            for version in response.json()
            for worker in version.get("workers", [])
        )

    return check


def get(
    url: str,
    query: Mapping[str, str | int] | None = None,
    headers: Mapping[str, str] | None = None,
) -> requests.Response | None:
    """Return the answer to a GET, None where there is none.

    Proxies are not asked: they are for the way out of the machine.
    """
    with requests.Session() as session:
        session.trust_env = False
        try:
            return session.get(url, params=query, headers=headers, timeout=PATIENCE)
        except requests.RequestException:
            return None
