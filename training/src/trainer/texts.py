"""Reviews without labels, to be scored: lines of text or a column of a table, one at a time."""

from collections.abc import Iterator
from pathlib import PurePath
from typing import IO

import fsspec

from trainer.data.errors import DataError
from trainer.data.formats import JSON_LINES, PARQUET, SEPARATORS, Spoilt, name_of, open_table
from trainer.data.intake import Tally
from trainer.data.lines import read_lines

TABLES = (*SEPARATORS, *JSON_LINES, PARQUET)
BATCH_ROWS = 1024


def from_file(address: str, column: str, encoding: str) -> Iterator[str]:
    """Yield the reviews of a table's `column`, or of a text file's lines.

    Raises:
        DataError: the file cannot be read, or the table has no such column.
    """
    suffixes = PurePath(name_of(address)).suffixes[-2:]
    is_table = any(suffix.lower() in TABLES for suffix in suffixes)
    try:
        yield from (_from_table if is_table else _from_text)(address, column, encoding)
    except (OSError, DataError) as error:
        raise DataError(f"cannot use {address}: {error}") from error


def from_lines(stream: IO[bytes], encoding: str) -> Iterator[str]:
    """Yield the lines of `stream` that are not blank.

    Raises:
        DataError: a line is not in the encoding.
    """
    for line in read_lines(stream, encoding, Tally()):
        if line.strip():
            yield line.rstrip("\r\n")


def _from_text(address: str, _column: str, encoding: str) -> Iterator[str]:
    with fsspec.open(address, "rb") as stream:
        yield from from_lines(stream, encoding)


def _from_table(address: str, column: str, encoding: str) -> Iterator[str]:
    with open_table(address, encoding, BATCH_ROWS, Tally()) as table:
        if column not in table.columns:
            names = ", ".join(table.columns)
            raise DataError(f"no column `{column}` but {names}: see --text-column")
        for row in table.rows([column]):
            text = None if isinstance(row, Spoilt) else row.get(column)
            if isinstance(text, str) and text.strip():
                yield text
