"""JSON inside of pages: in scripts, as assignments in scripts, and JSON-LD with all its shapes."""

import json
import re
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

JSON_LD = 'script[type^="application/ld+json"]'
DECODER = json.JSONDecoder(strict=False)
"""Lets line breaks stand in strings, as browsers' users often see in JSON-LD written by hand."""


def documents(scripts: Iterable[str]) -> list[Any]:
    """Return the JSON in `scripts`; what is none is left out."""
    read = (_document(script) for script in scripts)
    return [one for one in read if one is not None]


def _document(script: str) -> Any:  # noqa: ANN401  # JSON can be anything.
    """Return the first JSON object or array of a script: all of it, or what it assigns."""
    start = re.search(r"(?:^|[=>\[-])\s*([{\[])", script)
    if start is None:
        return None
    try:
        return DECODER.raw_decode(script, start.start(1))[0]
    except (ValueError, RecursionError):
        return None


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
