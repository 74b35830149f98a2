"""Tables in files of every format, read row by row: CSV, TSV, NDJSON and Parquet.

An address is a path, what fsspec opens, such as `s3://bucket/reviews.csv.gz`, or the review API's
export. CSV is parsed by
the standard library: it is fast enough (the rest takes longer), needs no guess at how long a
quoted text is, and tells the line of what it cannot read.
"""

import csv
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import PurePath
from typing import IO, TYPE_CHECKING

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq

from trainer.data import api_export
from trainer.data.errors import DataError
from trainer.data.intake import Tally
from trainer.data.lines import LONGEST, read_lines

if TYPE_CHECKING:
    import _csv

SEPARATORS = {".csv": ",", ".tsv": "\t"}
JSON_LINES = (".ndjson", ".jsonl", ".json")
PARQUET = ".parquet"
GZIP = ".gz"
PEEKED_ROWS = 1000
"""A row of NDJSON may lack columns, so that these first ones tell which there are."""

UNREADABLE = (OSError, EOFError, ValueError, zlib.error, pa.ArrowException)
"""What readers raise for a file that is missing, cut off or of another kind."""


@dataclass(frozen=True)
class Spoilt:
    """A row that is there but has no columns; `reason` says why."""

    reason: str


Row = Mapping[str, object] | Spoilt


@dataclass(frozen=True)
class Table:
    """An open file: its columns, and its rows with at least the columns asked for."""

    columns: tuple[str, ...]
    rows: Callable[[Sequence[str]], Iterator[Row]]


def name_of(address: str) -> str:
    """Return the last part of a path or address, without what follows a question mark."""
    _, remote, path = address.partition("://")
    return PurePath(path.partition("?")[0] if remote else address).name


@contextmanager
def open_table(address: str, encoding: str, batch_rows: int, tally: Tally) -> Iterator[Table]:
    """Open the table at `address`; what is worth telling of its lines is counted in `tally`.

    Raises:
        DataError: the file is missing, of another kind or cannot be read, now or at a later row.
    """
    kind, packed = _kind(address)
    with ExitStack() as opened:
        stream = opened.enter_context(_stream(address, packed=packed))
        with _readable():
            table = _table(stream, kind, encoding, batch_rows, tally)
        if not table.columns:
            raise DataError("it is empty")
        yield Table(table.columns, lambda columns: _read(table, columns))


def is_known(name: str) -> bool:
    """Return whether a file in a folder is one of reviews, by its name; any .json may be else."""
    suffixes = [suffix.lower() for suffix in PurePath(name).suffixes if suffix.lower() != GZIP]
    return suffixes[-1:] != [".json"] and suffixes[-1:] in [
        [one] for one in (*SEPARATORS, *JSON_LINES, PARQUET)
    ]


def _kind(address: str) -> tuple[str, bool]:
    if api_export.is_export(address):
        return JSON_LINES[0], False
    suffixes = [suffix.lower() for suffix in PurePath(name_of(address)).suffixes]
    packed = suffixes[-1:] == [GZIP]
    kind = (suffixes[:-1] if packed else suffixes)[-1:]
    if kind == [PARQUET] and packed:
        raise DataError("Parquet is packed within: unpack the .gz around it")
    if not kind or kind[0] not in (*SEPARATORS, *JSON_LINES, PARQUET):
        raise DataError("it is neither .csv, .tsv, .ndjson, .jsonl nor .parquet")
    return kind[0], packed


@contextmanager
def _stream(address: str, *, packed: bool) -> Iterator[IO[bytes]]:
    with ExitStack() as opened:
        try:
            stream: IO[bytes] = opened.enter_context(_opening(address, packed=packed))
        except DataError:
            raise
        except Exception as error:  # Every kind of address has errors of its own.
            raise _unreadable(error) from error
        yield stream


def _opening(address: str, *, packed: bool) -> AbstractContextManager[IO[bytes]]:
    if api_export.is_export(address):
        return api_export.opened_lines(address)
    file: AbstractContextManager[IO[bytes]] = fsspec.open(
        address, "rb", compression="gzip" if packed else None
    )
    return file


def _table(stream: IO[bytes], kind: str, encoding: str, batch_rows: int, tally: Tally) -> Table:
    if kind == PARQUET:
        return _parquet(stream, batch_rows)
    lines = read_lines(stream, encoding, tally)
    return _delimited(lines, SEPARATORS[kind]) if kind in SEPARATORS else _json_lines(lines)


@contextmanager
def _readable() -> Iterator[None]:
    """Turn whatever goes wrong while a file is read into an error with the reason."""
    try:
        yield
    except DataError:
        raise
    except UNREADABLE as error:
        raise _unreadable(error) from error


def _unreadable(error: Exception) -> DataError:
    if isinstance(error, FileNotFoundError):
        return DataError("there is no such file")
    return DataError(f"it cannot be read: {getattr(error, 'strerror', None) or error}")


def _read(table: Table, columns: Sequence[str]) -> Iterator[Row]:
    with _readable():
        yield from table.rows(columns)


def _delimited(lines: Iterable[str], separator: str) -> Table:
    csv.field_size_limit(LONGEST)
    reader = csv.reader(lines, delimiter=separator, strict=True)
    records = _records(reader)
    header = [name.strip() for name in next(records, [])]

    def rows(_columns: Sequence[str]) -> Iterator[Row]:
        for fields in records:
            if len(fields) == len(header):
                yield dict(zip(header, fields, strict=True))
            elif fields:
                yield Spoilt("another number of fields than the header")

    return Table(tuple(header), rows)


def _records(reader: "_csv.Reader") -> Iterator[list[str]]:
    try:
        yield from reader
    except csv.Error as error:
        raise DataError(f"line {reader.line_num}: {error}") from error


def _json_lines(lines: Iterable[str]) -> Table:
    objects = (_object(line) for line in lines if line.strip())
    peeked = list(islice(objects, PEEKED_ROWS))
    columns = dict.fromkeys(key for row in peeked if not isinstance(row, Spoilt) for key in row)
    if peeked and not columns:
        raise DataError("its lines are not JSON objects: NDJSON has one on every line")
    return Table(tuple(columns), lambda _columns: chain(peeked, objects))


def _object(line: str) -> Row:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        value = None
    return value if isinstance(value, dict) else Spoilt("not a JSON object")


def _parquet(stream: IO[bytes], batch_rows: int) -> Table:
    # Reading in pieces keeps memory small however large a row group is.
    file = pq.ParquetFile(stream, pre_buffer=False, buffer_size=2**20)

    def rows(columns: Sequence[str]) -> Iterator[Row]:
        done = 0
        for batch in file.iter_batches(batch_rows, columns=list(columns), use_threads=False):
            values = [_values(batch.column(name), done) for name in columns]
            done += batch.num_rows
            yield from (dict(zip(columns, row, strict=True)) for row in zip(*values, strict=True))

    return Table(tuple(file.schema_arrow.names), rows)


def _values(column: pa.Array, first_row: int) -> list[object]:
    try:
        values: list[object] = column.to_pylist()
    except UnicodeDecodeError:
        raw = column.cast(pa.large_binary()).to_pylist()
        return [_decoded(value, row) for row, value in enumerate(raw, first_row + 1)]
    return values


def _decoded(value: bytes | None, row: int) -> str | None:
    try:
        return None if value is None else value.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise DataError(f"row {row} is not utf-8, as text in Parquet must be") from error
