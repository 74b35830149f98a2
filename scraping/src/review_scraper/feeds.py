"""Writes all that is known to files, for those who do not use the API.

A feed is written anew at the end of every run, from the state: it holds each item once, as it
was last seen, in whatever run that was. The reviews are in the file that was asked for, the
companies in one beside it.
"""

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from review_scraper.collection import Collection
from review_scraper.errors import UsageError
from review_scraper.files import replaced
from review_scraper.items import Company, Item, Kind, Review

ROWS = 10_000
"""Of a Parquet file that are in memory at a time."""

Write = Callable[[Path, list[str], Iterable[str]], None]


def check_feed(path: Path) -> None:
    """Raise UsageError unless a feed can be written there."""
    if path.suffix not in WRITERS:
        message = f"{path}: a feed's name ends with {', '.join(WRITERS)}"
        raise UsageError(message)
    if not path.parent.is_dir():
        message = f"{path}: there is no folder {path.parent}"
        raise UsageError(message)


def companies_beside(path: Path) -> Path:
    """Return where the companies are whose reviews are in the feed at `path`."""
    return path.with_name(f"{path.stem}.companies{path.suffix}")


def write_feed(collection: Collection, path: Path) -> None:
    """Write the reviews to `path` and the companies beside it."""
    _write(collection, "review", Review, path)
    _write(collection, "company", Company, companies_beside(path))


def _write(collection: Collection, kind: Kind, model: type[Item], path: Path) -> None:
    with replaced(path) as beside:
        WRITERS[path.suffix](beside, list(model.model_fields), collection.bodies(kind))


def _write_ndjson(path: Path, _: list[str], bodies: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(body + "\n" for body in bodies)


def _write_csv(path: Path, columns: list[str], bodies: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(map(json.loads, bodies))


def _write_parquet(path: Path, columns: list[str], bodies: Iterable[str]) -> None:
    # It takes 40 MB of memory, which only those pay who want such a file.
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import parquet as pq  # noqa: PLC0415

    # Dates are text in JSON.
    types = {"rating": pa.int8(), "date": pa.date32()}
    read = pa.schema([(name, pa.int8() if name == "rating" else pa.string()) for name in columns])
    kept = pa.schema([(name, types.get(name, pa.string())) for name in columns])
    with pq.ParquetWriter(path, kept) as writer:
        for rows in _batches(map(json.loads, bodies)):
            writer.write_table(pa.Table.from_pylist(rows, schema=read).cast(kept))


def _batches(records: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while rows := list(islice(records, ROWS)):
        yield rows


WRITERS: dict[str, Write] = {
    ".csv": _write_csv,
    ".ndjson": _write_ndjson,
    ".parquet": _write_parquet,
}
