"""Visitors who ask TorchServe at a steady rate while the owner switches models."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests

RATE = 50
"""Requests a second."""

CLIENTS = 8
PATIENCE = 30
"""Seconds after which an answer counts as failed."""

SETTLING = 3
"""Seconds of traffic before and after a switch."""

REVIEW = "It came late, and then nobody answered."


@dataclass
class Traffic:
    """What was asked and answered; counts grow while the traffic flows."""

    versions: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    seconds: float = 0

    @property
    def requests(self) -> int:
        """How many requests have been answered or have failed."""
        return self.versions.total() + len(self.failures)

    def summary(self) -> dict[str, Any]:
        """Return the counts for the report."""
        return {
            "requests": self.requests,
            "failures": len(self.failures),
            "a_second": round(self.requests / self.seconds, 1),
            "versions": dict(self.versions),
            "reasons": sorted(set(self.failures))[:3],
        }


def during(url: str, change: Callable[[], None]) -> dict[str, Any]:
    """Make a change while visitors ask; return what they saw, and how long the change took."""
    with flowing(url) as seen:
        time.sleep(SETTLING)
        started = time.monotonic()
        change()
        seconds = round(time.monotonic() - started, 1)
        time.sleep(SETTLING)
    return {"change_seconds": seconds, **seen.summary()}


@contextmanager
def flowing(url: str) -> Iterator[Traffic]:
    """Ask TorchServe at `url` all the time while the block runs.

    Every request has its own time to be sent at, so that slow answers do not thin the traffic.
    """
    traffic, leaving, lock = Traffic(), threading.Event(), threading.Lock()
    started = time.monotonic()
    with ThreadPoolExecutor(CLIENTS) as clients:
        for number in range(CLIENTS):
            clients.submit(_ask_on, url, started + number / RATE, traffic, leaving, lock)
        try:
            yield traffic
        finally:
            leaving.set()
    traffic.seconds = time.monotonic() - started


def _ask_on(
    url: str, first: float, traffic: Traffic, leaving: threading.Event, lock: threading.Lock
) -> None:
    """Ask every `CLIENTS / RATE` seconds until it is time to leave."""
    due = first
    with requests.Session() as session:
        while not leaving.wait(max(0.0, due - time.monotonic())):
            version, failure = _ask(session, url)
            with lock:
                if version:
                    traffic.versions[version] += 1
                else:
                    traffic.failures.append(failure)
            due += CLIENTS / RATE


def _ask(session: requests.Session, url: str) -> tuple[str, str]:
    """Return the version that answered, or why there was no answer."""
    try:
        answer = session.post(
            f"{url}/predictions/sentiment", json={"review": REVIEW}, timeout=PATIENCE
        )
    except requests.RequestException as error:
        return "", type(error).__name__
    if not answer.ok:
        return "", f"{answer.status_code}: {answer.text[:100]}"
    return str(answer.json()["model_version"]), ""
