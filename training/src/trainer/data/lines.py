"""Lines of a text file, decoded so that no character is silently garbled.

A line that does not fit the encoding ends the reading with its number. In an encoding of one byte
a character, though, all bytes mean something; there, lines that are UTF-8 (which hardly happens by
chance) are read as such and counted, so that files of mixed encodings come out right.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from io import TextIOWrapper
from typing import IO

from trainer.data.errors import DataError
from trainer.data.intake import Tally

BYTES = 256
"""How many values a byte has."""

LONGEST = 2**24
"""Characters; a file with a longer line holds no reviews, and would not fit into memory."""

UNDECODED = re.compile("[\udc80-\udcff]")
"""What `surrogateescape` makes of bytes that the encoding does not have."""


def read_lines(stream: IO[bytes], encoding: str, tally: Tally) -> Iterator[str]:
    """Yield the lines of `stream` with their ends.

    Raises:
        DataError: there is no such encoding, or a line is not in it or too long.
    """
    decoder = _Decoder.of(encoding)
    number = 0
    try:
        # A byte order mark is no part of the first column's name.
        exact = "utf-8-sig" if decoder.utf8 else encoding
        with TextIOWrapper(stream, exact, errors="surrogateescape", newline="") as text:
            for number, line in enumerate(iter(partial(text.readline, LONGEST), ""), 1):
                if len(line) == LONGEST:
                    raise DataError(f"line {number} is longer than {LONGEST:,} characters")
                yield line if line.isascii() else decoder.whole(line, number, tally)
    except UnicodeError as error:
        # Some encodings give up on a whole block of lines, of which this is the first.
        raise _misfit(f"about line {number + 1}", encoding) from error


@dataclass(frozen=True)
class _Decoder:
    """Decides what a line with other characters than ASCII's is."""

    encoding: str
    utf8: bool
    one_byte: bool
    """Every byte is a character."""

    @classmethod
    def of(cls, encoding: str) -> "_Decoder":
        try:
            utf8 = codecs.lookup(encoding).name in ("utf-8", "utf-8-sig")
            decoded = bytes(range(BYTES)).decode(encoding, errors="replace")
        except LookupError as error:
            raise DataError(f"there is no text encoding {encoding!r}: see --encoding") from error
        return cls("utf-8" if utf8 else encoding, utf8, not utf8 and len(decoded) == BYTES)

    def whole(self, line: str, number: int, tally: Tally) -> str:
        """Return what `line` says.

        Raises:
            DataError: it is not in the encoding.
        """
        broken = UNDECODED.search(line) is not None
        if self.utf8 and not broken:
            return line
        as_utf8 = self._as_utf8(line)
        if as_utf8 is not None and (self.utf8 or self.one_byte):
            tally.noted[f"lines of a file in {self.encoding} read as utf-8"] += not self.utf8
            return as_utf8
        if broken:
            raise _misfit(f"line {number}", self.encoding)
        tally.noted[f"lines read as {self.encoding} may be utf-8"] += as_utf8 is not None
        return line

    def _as_utf8(self, line: str) -> str | None:
        """Return `line` as it is if its bytes are UTF-8 (surrogates, too), and not only ASCII."""
        try:
            raw = line.encode(self.encoding, "surrogateescape")
            text = raw.decode("utf-8", "surrogatepass")
        except UnicodeError:
            return None
        return None if text.isascii() else text


def _misfit(where: str, encoding: str) -> DataError:
    return DataError(
        f"{where} is not {encoding}: say the file's encoding with --encoding, such as cp1252"
    )
