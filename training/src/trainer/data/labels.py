"""From what a label column holds (stars, classes or names) to the classes of the network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import isnan
from typing import NamedTuple

from charcnn.scoring import LABELS
from trainer.config import DataConfig
from trainer.data.errors import DataError

COLUMNS = {"rating": "stars", "rating_class": "classes", "label": "names"}
"""The columns that labels are looked for in, in this order, and what they hold."""

UNKNOWN_STARS = 0
MIDDLE = 1
CLASS_OF_STARS = {1: 0, 2: 0, 3: MIDDLE, 4: 2, 5: 2}

SMALL: Mapping[int | float | Decimal, int] = {number: number for number in range(6)}
"""A look-up is equal for 4, 4.0 and Decimal("4.0"), and safe for infinity."""

UNKNOWN = "no known label"
IGNORED = "of 3 stars, cut by --ignore-middle"


class Label(NamedTuple):
    """A class, as an index into the names of the grouping, and stars or `UNKNOWN_STARS`."""

    label: int
    stars: int


@dataclass(frozen=True)
class Labelling:
    """How a file's label column is read."""

    column: str
    kind: str
    binary: bool
    ignore_middle: bool

    def label(self, value: object) -> Label | str:
        """Return the label that `value` means, or the reason why it has none.

        Raises:
            DataError: it is a number, and the column does not tell what numbers mean.
        """
        number = _number(value)
        if number is None:
            return self._group(_named(value), UNKNOWN_STARS)
        if self.kind == "stars":
            return self._group(CLASS_OF_STARS.get(number), number)
        if self.kind == "classes":
            return self._group(number if 0 <= number < len(LABELS) else None, UNKNOWN_STARS)
        raise DataError(
            f"the column `{self.column}` has numbers: say with --label-kind whether "
            "they are stars (1-5) or classes (0-2)"
        )

    def _group(self, of_three: int | None, stars: int) -> Label | str:
        if of_three is None:
            return UNKNOWN
        if not self.binary:
            return Label(of_three, stars)
        if of_three == MIDDLE and self.ignore_middle:
            return IGNORED
        return Label(int(of_three > MIDDLE), stars)


def labelling(columns: Sequence[str], config: DataConfig) -> Labelling:
    """Return how to read the labels of a file that has `columns`.

    Raises:
        DataError: it has no label column.
    """
    named = config.label_column
    column = next((name for name in ([named] if named else COLUMNS) if name in columns), None)
    if column is None:
        looked_for = f"`{named}`" if named else " or ".join(f"`{name}`" for name in COLUMNS)
        raise DataError(f"no column {looked_for}; it has {', '.join(columns)}")
    kind = config.label_kind if config.label_kind != "auto" else COLUMNS.get(column, "names")
    return Labelling(column, kind, config.grouping == "binary", config.ignore_middle)


def _number(value: object) -> int | None:
    """Return the whole number that `value` is or spells, -1 for any other number, else None."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    if isinstance(value, float) and isnan(value):
        return None
    return SMALL.get(value, -1)


def _named(value: object) -> int | None:
    if not isinstance(value, str):
        return None
    name = value.strip().lower()
    return LABELS.index(name) if name in LABELS else None
