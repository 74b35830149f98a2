"""From a row of any table to a review that can be used, or the reason why it cannot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import NamedTuple

from trainer.config import DataConfig, SplitConfig
from trainer.data.conditions import Conditions, met, parse, written
from trainer.data.errors import DataError
from trainer.data.formats import Row, Spoilt
from trainer.data.labels import Labelling, labelling

CUT = "cut by --keep or --drop"
EMPTY = "no text"
NOT_TEXT = "something else than text"
NO_WEIGHT = "a weight that is no number above 0"


class Review(NamedTuple):
    """A usable row; `source` and `group` are '' where the row has none, its weight then is 1."""

    text: str
    label: int
    stars: int
    source: str
    group: str
    held_out: bool
    weight: float


@dataclass(frozen=True)
class Wanted:
    """Which columns of a file say what, and which rows are wanted."""

    text: str
    labelling: Labelling
    source: str | None
    group: str | None
    weight: str | None
    keep: Conditions
    drop: Conditions
    hold_out: Conditions

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns to read, each once."""
        named = (self.text, self.labelling.column, self.source, self.group, self.weight)
        chosen = [name for name in named if name is not None]
        return tuple(dict.fromkeys([*chosen, *self.keep, *self.drop, *self.hold_out]))

    def review(self, row: Row) -> Review | str:
        """Return the review in `row`, or the reason why it is left out."""
        if isinstance(row, Spoilt):
            return row.reason
        if not met(self.keep, row) or (self.drop and met(self.drop, row)):
            return CUT
        text = row.get(self.text)
        if (unusable := _unusable(text)) or not isinstance(text, str):
            return unusable or NOT_TEXT
        label = self.labelling.label(row.get(self.labelling.column))
        if isinstance(label, str):
            return label
        weight = _weight(row.get(self.weight)) if self.weight else 1.0
        if weight is None:
            return NO_WEIGHT
        held_out = bool(self.hold_out) and met(self.hold_out, row)
        names = (_written(row, self.source), _written(row, self.group))
        return Review(text, *label, *names, held_out, weight)


def wanted(columns: Sequence[str], data: DataConfig, split: SplitConfig) -> Wanted:
    """Return what to read of a file that has `columns`.

    Conditions on columns that it has not cut no row, and hold none out.

    Raises:
        DataError: it has no column for the text or for the label, or has a needed one twice.
    """
    if data.text_column not in columns:
        raise DataError(f"no column `{data.text_column}`; it has {', '.join(columns)}")
    drop, hold_out = parse(data.drop), parse(split.hold_out)
    chosen = Wanted(
        data.text_column,
        labelling(columns, data),
        data.source_column if data.source_column in columns else None,
        split.group_column if split.group_column in columns else None,
        data.weight_column if data.weight_column in columns else None,
        {column: values for column, values in parse(data.keep).items() if column in columns},
        drop if all(column in columns for column in drop) else {},
        hold_out if all(column in columns for column in hold_out) else {},
    )
    twice = [column for column in chosen.columns if columns.count(column) > 1]
    if twice:
        raise DataError(f"two columns are called `{twice[0]}`")
    return chosen


def _unusable(text: object) -> str | None:
    """Return why there is no text in a column that has this, or None where there is."""
    if text is None or (isinstance(text, str) and not text.strip()):
        return EMPTY
    return None if isinstance(text, str) else NOT_TEXT


def _weight(value: object) -> float | None:
    """Return how often to draw a row with this in its column: 1 without any, None if unusable."""
    if value is None or value == "":
        return 1.0
    try:
        weight = float(str(value))
    except ValueError:
        return None
    return weight if isfinite(weight) and weight > 0 else None


def _written(row: Mapping[str, object], column: str | None) -> str:
    return "" if column is None else written(row.get(column))
