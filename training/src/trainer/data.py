"""Labelled reviews from files, and the split into training and validation.

A file is Parquet or CSV with a column `text` and either `rating` (1 to 5 stars) or
`rating_class` (0 bad, 1 average, 2 good). Rows that name a `company` are split by
it, so that no company is on both sides; others are split by their text.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from charcnn.encoding import LENGTH
from charcnn.scoring import LABELS

VALIDATION_PERCENT = {"company": 20, "text": 2}
"""A company is a whole group of reviews, so that more of them must be held out."""

NO_STARS = 0

CHEAP_LENGTH = 250
"""Characters; reviews up to this length are all drawn equally often."""


class DataError(ValueError):
    """The data cannot be used; the message says why."""


@dataclass(frozen=True)
class Reviews:
    """Parallel columns: `labels` index `LABELS`; `stars` are 1 to 5, or 0 where unknown."""

    texts: list[str]
    labels: NDArray[np.int64]
    stars: NDArray[np.int64]
    groups: list[str]
    files: list[str]

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, rows: NDArray[np.integer]) -> "Reviews":
        """Return the reviews at `rows`, in that order."""
        return Reviews(
            [self.texts[row] for row in rows],
            self.labels[rows],
            self.stars[rows],
            [self.groups[row] for row in rows],
            [self.files[row] for row in rows],
        )


def parse_keep(conditions: Sequence[str]) -> dict[str, set[str]]:
    """Return {column: values} from `COLUMN=VALUE` conditions.

    Raises:
        DataError: a condition is not of that form.
    """
    keep: dict[str, set[str]] = {}
    for condition in conditions:
        column, equals, value = condition.partition("=")
        if not equals:
            raise DataError(f"a condition has the form COLUMN=VALUE, not {condition!r}")
        keep.setdefault(column, set()).add(value)
    return keep


def row_weights(
    reviews: Reviews, paths: Sequence[Path], weights: Sequence[float]
) -> NDArray[np.float64]:
    """Return how often to draw each row: as its file says, longer reviews less often.

    A review of n characters costs n / `CHEAP_LENGTH` times a short one and teaches hardly more.

    Raises:
        DataError: there are more weights than files.
    """
    if len(weights) > len(paths):
        raise DataError("there are more weights than data files")
    given = dict(zip([path.name for path in paths], weights, strict=False))
    by_file = np.array([given.get(name, 1.0) for name in reviews.files])
    lengths = np.array([min(len(text), LENGTH) for text in reviews.texts])
    return by_file / np.maximum(1.0, lengths / CHEAP_LENGTH)


def read(paths: Sequence[Path], keep: dict[str, set[str]] | None = None) -> Reviews:
    """Return the reviews of all `paths`; rows of a file that has a column of `keep` are filtered.

    Raises:
        DataError: a file is missing, of another kind, lacks a column or has no usable row.
    """
    parts = [_read_one(path, keep or {}) for path in paths]
    if not parts:
        raise DataError("no data given: name at least one file with --data")
    return Reviews(
        [text for part in parts for text in part.texts],
        np.concatenate([part.labels for part in parts]),
        np.concatenate([part.stars for part in parts]),
        [group for part in parts for group in part.groups],
        [name for part in parts for name in part.files],
    )


def split(reviews: Reviews) -> tuple[Reviews, Reviews]:
    """Return (training, validation); the same rows always fall on the same side.

    In the validation part every file is balanced: each class has as many rows as
    its rarest one there, chosen by the hash of their text.
    """
    held_out = np.array([_held_out(group) for group in reviews.groups])
    validation = [
        _balance(reviews, np.flatnonzero(held_out & (np.array(reviews.files) == name)))
        for name in sorted(set(reviews.files))
    ]
    return reviews.take(np.flatnonzero(~held_out)), reviews.take(np.concatenate(validation))


def digest(reviews: Reviews) -> str:
    """Return a sha256 of all texts and labels, in order: it names the data of a model."""
    sha = hashlib.sha256()
    for text, label in zip(reviews.texts, reviews.labels, strict=True):
        sha.update(f"{label}\t{text}\n".encode("utf-8", errors="surrogatepass"))
    return sha.hexdigest()


def _read_one(path: Path, keep: dict[str, set[str]]) -> Reviews:
    table = _filter(_table(path), keep)
    columns = table.column_names
    if "text" not in columns:
        raise DataError(f"{path} has no column `text`; it has {', '.join(columns)}")
    texts = [str(text or "").strip() for text in table["text"].to_pylist()]
    labels, stars = _labels(table, path)
    rows = np.flatnonzero((labels >= 0) & np.array([bool(text) for text in texts], dtype=bool))
    if not len(rows):
        raise DataError(f"{path} has no row with a text and a label")
    return Reviews(texts, labels, stars, _groups(table, texts), [path.name] * len(texts)).take(rows)


def _table(path: Path) -> pa.Table:
    try:
        if path.suffix == ".parquet":
            return pq.read_table(path)
        if path.suffix == ".csv":
            quoted = pacsv.ParseOptions(newlines_in_values=True)
            return pacsv.read_csv(path, parse_options=quoted)
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"cannot read {path}: {error}") from error
    raise DataError(f"{path} is neither .parquet nor .csv")


def _filter(table: pa.Table, keep: dict[str, set[str]]) -> pa.Table:
    for column, values in keep.items():
        if column in table.column_names:
            mask = [value in values for value in table[column].to_pylist()]
            table = table.filter(pa.array(mask))
    return table


def _labels(table: pa.Table, path: Path) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (labels, stars); a label is -1 where the row has none that can be used."""
    if "rating_class" in table.column_names:
        labels = np.array([_within(v, 0, 2, -1) for v in table["rating_class"].to_pylist()])
        return labels, np.full(len(labels), NO_STARS)
    if "rating" in table.column_names:
        stars = np.array([_within(v, 1, 5, NO_STARS) for v in table["rating"].to_pylist()])
        return np.array([-1, 0, 0, 1, 2, 2])[stars], stars
    raise DataError(f"{path} has neither a column `rating` nor `rating_class`")


def _within(value: object, low: int, high: int, otherwise: int) -> int:
    return value if isinstance(value, int) and low <= value <= high else otherwise


def _groups(table: pa.Table, texts: list[str]) -> list[str]:
    if "company" in table.column_names:
        return [f"company\t{company}" for company in table["company"].to_pylist()]
    return [f"text\t{text}" for text in texts]


def _bucket(key: str) -> int:
    sha = hashlib.sha256(key.encode("utf-8", errors="surrogatepass"))
    return int.from_bytes(sha.digest()[:8], "big")


def _held_out(group: str) -> bool:
    kind = group.split("\t", 1)[0]
    return _bucket(group) % 100 < VALIDATION_PERCENT[kind]


def _balance(reviews: Reviews, rows: NDArray[np.integer]) -> NDArray[np.integer]:
    labels = reviews.labels[rows]
    fewest = min(int((labels == label).sum()) for label in range(len(LABELS)))
    ordered = rows[np.argsort([_bucket(reviews.texts[row]) for row in rows], kind="stable")]
    labels = reviews.labels[ordered]
    kept = [ordered[labels == label][:fewest] for label in range(len(LABELS))]
    return np.sort(np.concatenate(kept))
