"""Reading all files of a run, review by review, into a corpus that is being written."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from trainer.config import DataConfig, SplitConfig
from trainer.data import api_export, conditions
from trainer.data.errors import DataError
from trainer.data.formats import Row, Table, is_known, name_of, open_table
from trainer.data.intake import Tally
from trainer.data.reviews import Wanted, wanted
from trainer.data.store import Writer

OnRows = Callable[[int], None]
"""Called after every chunk with the number of rows read so far."""


@dataclass
class Gathering:
    """Reads the files of `data` into `writer` and counts their rows."""

    data: DataConfig
    split: SplitConfig
    writer: Writer
    on_rows: OnRows
    tally: Tally = field(default_factory=Tally)

    @property
    def enough(self) -> bool:
        """Whether there are as many reviews as were asked for."""
        return self.tally.used == self.data.max_rows

    def read(self, names: Sequence[str]) -> None:
        """Read all files, called `names`, or as many rows of them as were asked for.

        Raises:
            DataError: a file cannot be read or has no usable row, or an option names a column
                that no file has.
        """
        columns: set[str] = set()
        for number, address in enumerate(self.data.data):
            for file in files_at(address):
                try:
                    columns |= self._read_file(file, number, names[number])
                except DataError as error:
                    raise DataError(f"cannot use {file}: {error}") from error
                if self.enough:
                    return
        self._refuse_absent(columns)

    def _read_file(self, address: str, number: int, name: str) -> set[str]:
        used, left_out = self.tally.used, self.tally.left_out.copy()
        data = self.data
        with open_table(address, data.encoding, data.chunk_rows, self.tally) as table:
            self._read_table(table, _weighted(data, address), number, name)
            columns = set(table.columns)
        self.on_rows(self.tally.read)
        if self.tally.used == used:
            raise DataError(_no_usable_row(self.tally.left_out - left_out))
        return columns

    def _read_table(self, table: Table, data: DataConfig, number: int, name: str) -> None:
        chosen = wanted(table.columns, data, self.split)
        for row in table.rows(chosen.columns):
            self._take(chosen, row, number, name)
            if self.enough:
                break
            if self.tally.read % self.data.chunk_rows == 0:
                self.on_rows(self.tally.read)

    def _take(self, chosen: Wanted, row: Row, number: int, name: str) -> None:
        self.tally.read += 1
        review = chosen.review(row)
        if isinstance(review, str):
            self.tally.left_out[review] += 1
            return
        self.tally.used += 1
        self.writer.add(review, number, name)

    def _refuse_absent(self, columns: set[str]) -> None:
        """Refuse an option that does nothing since no file has its column."""
        named = {
            "--keep": conditions.parse(self.data.keep),
            "--drop": conditions.parse(self.data.drop),
            "--hold-out": conditions.parse(self.split.hold_out),
            "--group-column": filter(None, [self.split.group_column]),
            "--weight-column": filter(None, [self.data.weight_column]),
        }
        for option, wanted_columns in named.items():
            for column in wanted_columns:
                if column not in columns:
                    there = ", ".join(sorted(columns))
                    raise DataError(f"{option}: no file has a column `{column}`, but {there}")


def _weighted(data: DataConfig, address: str) -> DataConfig:
    """Return how to read a file: an export says itself how often to draw its reviews."""
    if data.weight_column or not api_export.is_export(address):
        return data
    return replace(data, weight_column=api_export.WEIGHT)


def files_at(address: str) -> list[str]:
    """Return the files of known kinds in a folder on this machine, or the one that is named.

    Raises:
        DataError: the folder has none.
    """
    if not Path(address).is_dir():
        return [address]
    files = sorted(str(path) for path in Path(address).iterdir() if is_known(path.name))
    if not files:
        raise DataError(f"the folder {address} has no file of reviews that can be read")
    return files


def file_names(addresses: Sequence[str]) -> tuple[str, ...]:
    """Return what to call each file: its name alone, or all of its address where names are equal.

    Raises:
        DataError: there is no file, or one is there twice.
    """
    if not addresses:
        raise DataError("no data given: name at least one file with --data")
    twice = [address for address, count in Counter(addresses).items() if count > 1]
    if twice:
        raise DataError(f"--data {twice[0]} is given twice: draw it more often with --weight")
    counts = Counter(name_of(address) for address in addresses)
    return tuple(
        name_of(address) if counts[name_of(address)] == 1 else address for address in addresses
    )


def _no_usable_row(left_out: Counter[str]) -> str:
    reasons = ", ".join(f"{count:,} with {reason}" for reason, count in left_out.items())
    return f"it has no usable row ({reasons})" if reasons else "it has no row"
