"""What `helm test` does: post a review, wait until it is scored, find it, delete it."""
# ruff: noqa: INP001 (the test's pod is given this file's text)

import os
import sys
import time
import uuid
from typing import Any

import requests

REVIEWS = f"{os.environ['API']}/api/reviews"
PATIENCE = 120
"""Seconds in which the review has to be scored."""


def log_in() -> requests.Session:
    """Return a session of the owner."""
    who = {"username": os.environ["ADMIN_USER"], "password": os.environ["ADMIN_PASSWORD"]}
    answer = requests.post(f"{os.environ['API']}/api/session", json=who, timeout=10)
    answer.raise_for_status()
    owner = requests.Session()
    # By hand: behind TLS the cookie is for HTTPS only, which ends in front of this Service.
    owner.headers["Cookie"] = "; ".join(f"{one.name}={one.value}" for one in answer.cookies)
    return owner


def post(mark: str) -> None:
    """Write a review as a visitor does."""
    review = {"review": f"It works, I love it {mark}", "rating": 5, "brand": "Helm test"}
    answer = requests.post(f"{os.environ['API']}/api/review", json=review, timeout=10)
    answer.raise_for_status()


def find(owner: requests.Session, mark: str) -> list[dict[str, Any]]:
    """Return the reviews with the mark."""
    answer = owner.get(REVIEWS, params={"text": mark}, timeout=10)
    answer.raise_for_status()
    found: list[dict[str, Any]] = answer.json()
    return found


def wait_for_score(owner: requests.Session, mark: str) -> dict[str, Any]:
    """Return the review once the worker has had it scored."""
    deadline = time.monotonic() + PATIENCE
    while not (found := find(owner, mark)) or found[0].get("model_version") is None:
        if time.monotonic() > deadline:
            sys.exit(f"not found with a score within {PATIENCE} s: {found}")
        time.sleep(1)
    return found[0]


def main() -> None:
    """Try it, and leave nothing behind."""
    mark = uuid.uuid4().hex
    post(mark)
    owner = log_in()
    review = wait_for_score(owner, mark)
    owner.delete(f"{REVIEWS}/{review['id']}", timeout=10).raise_for_status()
    if find(owner, mark):
        sys.exit("the review is still there after it was deleted")
    print(f"posted, scored {review['model_score']} by {review['model_version']}, found, deleted")


if __name__ == "__main__":
    main()
