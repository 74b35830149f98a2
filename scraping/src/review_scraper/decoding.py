"""Turns a page's bytes into text, whatever it says of its encoding."""

import codecs
import re

from w3lib.encoding import http_content_type_encoding, resolve_encoding

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
META = re.compile(rb"""<meta[^>]{,200}charset\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
LAST_RESORT = "cp1252"
"""The superset of Latin-1 that browsers take where nothing else fits."""


def decode(body: bytes, content_type: str | None) -> tuple[str, bool]:
    """Return the text, and whether what the page says of its encoding is wrong or not enough.

    Bytes that are valid UTF-8 are hardly ever anything else, so that it is tried before another
    encoding that the page names, except for those whose text would pass for UTF-8.
    """
    for mark, encoding in MARKS:
        if body.startswith(mark):
            return body.decode(encoding, "replace"), False
    declared = _declared(body, content_type)
    wide = bool(declared and declared.startswith(("utf-16", "utf-32")))
    for tried in (declared, "utf-8") if wide else ("utf-8", declared):
        text = _decoded(body, tried)
        if text is not None:
            return text, tried != (declared or "utf-8") and not body.isascii()
    return body.decode(LAST_RESORT, "replace"), True


def _declared(body: bytes, content_type: str | None) -> str | None:
    named = http_content_type_encoding(content_type) if content_type else None
    if named:
        return named
    match = META.search(body[:4096])
    return resolve_encoding(match[1].decode("ascii", "replace")) if match else None


def _decoded(body: bytes, encoding: str | None) -> str | None:
    if encoding is None:
        return None
    try:
        return body.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None
