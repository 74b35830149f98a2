"""JSON inside of pages: in scripts, as assignments in scripts, and JSON-LD with all its shapes."""

import json
import re
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

JSON_LD = 'script[type^="application/ld+json"]'
START = re.compile(r"(?:^|[=>\[(-])\s*([{\[])")
"""Where JSON may begin in a script: at its start, after an assignment, a call or a comment."""

MOST = 100
"""So many of such places are tried in a script."""

DECODER = json.JSONDecoder(strict=False)
"""Lets line breaks stand in strings, as JSON-LD that was written by hand often has them."""


def documents(scripts: Iterable[str]) -> list[Any]:
    """Return the JSON objects and arrays in `scripts`; what is none is passed over."""
    return [one for script in scripts for one in _documents(script)]


def _documents(script: str) -> Iterator[Any]:
    position = 0
    for _ in range(MOST):
        start = START.search(script, position)
        if start is None:
            return
        try:
            document, position = DECODER.raw_decode(script, start.start(1))
            yield document
        except (ValueError, RecursionError):
            position = start.end()


def objects(document: Any, type_name: str) -> Iterator[dict[str, Any]]:  # noqa: ANN401  # JSON.
    """Yield JSON-LD objects of a type, outer ones first: in lists, in @graph, or in others."""
    waiting = deque([document])
    while waiting:
        one = waiting.popleft()
        if isinstance(one, dict):
            if type_name in _types(one):
                yield one
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)


def _types(one: dict[str, Any]) -> list[str]:
    """Return the names of an object's types, without their vocabulary."""
    given = one.get("@type")
    names = given if isinstance(given, list) else [given]
    return [re.split(r"[/#:]", name)[-1] for name in names if isinstance(name, str)]
