"""A page as profiles look at it: sources in, values out."""

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import jmespath  # type: ignore[import-untyped]  # It ships no types.
from parsel import Selector
from w3lib.html import get_base_url

from review_scraper.extraction_json import JSON_LD, documents, objects
from review_scraper.extraction_values import Scalar, clean
from review_scraper.sources import Source

SILENT = frozenset({"script", "style", "template", "noscript"})
BLOCKS = frozenset(
    {"address", "article", "blockquote", "br", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4"}
    | {"h5", "h6", "hr", "li", "ol", "p", "pre", "section", "table", "td", "th", "tr", "ul"}
)

ENTITY = re.compile(r"&(?:#\w{1,8}|[a-zA-Z]\w{1,30});")
"""As JSON may hold in texts; without its semicolon it is a parameter of an address."""

Key = TypeVar("Key", bound=str)
Record = Any
"""Where values are looked for: an element (a parsel Selector) or a piece of JSON."""


class Page:
    """A parsed page, with what the link to it carried."""

    def __init__(self, url: str, text: str, context: Mapping[str, str]) -> None:
        readable = text.replace("\0", "").encode("utf-8", "replace").decode()
        self.root = Selector(text=readable or "<html></html>", type="html")
        self.base = _base(readable, url)
        self.context = context
        self._documents: dict[str, list[Any]] = {}

    def shows(self, selector: str | None) -> bool:
        """Say whether `selector` selects anything."""
        return selector is not None and bool(self.root.css(selector))

    def first(self, sources: Iterable[Source], record: Record = None) -> Scalar | None:
        """Return the first value that any of `sources` has."""
        for source in sources:
            for found in self._find(source, record):
                value = _kept(_scalar(found), source.pattern)
                if value is not None:
                    return value
        return None

    def fields(self, places: Mapping[Key, Sequence[Source]], record: Record) -> dict[Key, Scalar]:
        """Return the first value of each field; what the record lacks is left out."""
        values = {name: self.first(sources, record) for name, sources in places.items()}
        return {name: value for name, value in values.items() if value is not None}

    def records(self, sources: Iterable[Source]) -> list[Record]:
        """Return what the first of `sources` that has anything has."""
        found = (list(self._find(source, None)) for source in sources)
        return next((records for records in found if records), [])

    def _find(self, source: Source, record: Record) -> Iterator[Any]:
        element = record if isinstance(record, Selector) else self.root
        if source.css is not None:
            yield from element.css(source.css)
        elif source.xpath is not None:
            yield from element.xpath(source.xpath)
        elif source.context is not None:
            yield self.context.get(source.context)
        elif source.value is not None:
            yield source.value
        else:
            for piece in self._json(source, record):
                yield from _search(source.path, piece)

    def _json(self, source: Source, record: Record) -> Iterable[Any]:
        if source.script is not None:
            return self._read(source.script)
        if source.json_ld is not None:
            name = source.json_ld
            return (one for whole in self._read(JSON_LD) for one in objects(whole, name))
        return [] if record is None or isinstance(record, Selector) else [record]

    def _read(self, selector: str) -> list[Any]:
        """Return the JSON of the scripts that `selector` selects, parsed once."""
        if selector not in self._documents:
            scripts = (script.xpath("string()").get() or "" for script in self.root.css(selector))
            self._documents[selector] = documents(scripts)
        return self._documents[selector]


def _base(text: str, url: str) -> str:
    """Return what relative addresses start from: the page's own, or what it says it is."""
    try:
        return get_base_url(text, url)
    except ValueError:
        return url


def _search(path: str | None, piece: Any) -> Iterator[Any]:  # noqa: ANN401  # JSON.
    try:
        found = piece if path is None else jmespath.search(path, piece)
    except jmespath.exceptions.JMESPathError:
        return  # A function met a type that it does not take: the value is not there.
    values = found if isinstance(found, list) else [found]
    yield from (value for value in values if value is not None)


def _scalar(found: Any) -> Scalar | None:  # noqa: ANN401  # An element, or JSON.
    """Return a text or a number; None for what holds neither, such as an object."""
    if isinstance(found, Selector):
        root = found.root
        return clean(root if isinstance(root, str) else _text(root)) or None
    if isinstance(found, str):
        return clean(ENTITY.sub(lambda entity: html.unescape(entity[0]), found)) or None
    return found if isinstance(found, int | float) and not isinstance(found, bool) else None


def _text(element: Any) -> str:  # noqa: ANN401  # lxml ships no types.
    """Return the text of an element as people see it: blocks and line breaks part words."""
    parts: list[str] = []
    waiting = [element]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            parts.append(node)
        elif isinstance(node.tag, str) and node.tag not in SILENT:
            gap = " " if node.tag in BLOCKS else ""
            inner = (piece for child in node for piece in (child, child.tail or ""))
            waiting += reversed([gap, node.text or "", *inner, gap])
    return "".join(parts)


def _kept(value: Scalar | None, pattern: str | None) -> Scalar | None:
    if value is None or pattern is None:
        return value
    found = re.search(pattern, str(value))
    return (found[found.re.groups] or None) if found else None
