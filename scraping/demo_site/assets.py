"""Pictures, a font and scripts: what a browser would load that only wants to read."""

import struct
import zlib
from importlib.resources import files
from typing import Final

from demo_site.dice import Dice

FONT: Final = b"wOF2" + bytes(60)
"""Enough to be fetched; a browser that looks inside falls back to the next font."""

TRACKER: Final = b'fetch("/beacon?from=tracker");\n'
PIXELS: Final = 8


def lists_script() -> bytes:
    """Return the script that builds the lists."""
    return files("demo_site").joinpath("lists.js").read_bytes()


def logo(name: str) -> bytes:
    """Return a PNG of one colour, which depends on the name."""
    dice = Dice("logo", name)
    row = bytes([0]) + bytes(dice.below(256) for _ in range(3)) * PIXELS
    header = struct.pack(">IIBBBBB", PIXELS, PIXELS, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(row * PIXELS)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
