"""Conditions on a row's columns, as `COLUMN=VALUE` on the command line."""

from collections.abc import Mapping, Sequence

from trainer.data.errors import DataError

Conditions = Mapping[str, frozenset[str]]
"""The values that each column may have."""


def parse(conditions: Sequence[str]) -> Conditions:
    """Return the values that each column may have; several of one column are alternatives.

    Raises:
        DataError: a condition is not of the form COLUMN=VALUE.
    """
    values: dict[str, frozenset[str]] = {}
    for condition in conditions:
        column, equals, value = condition.partition("=")
        if not equals or not column:
            raise DataError(f"a condition has the form COLUMN=VALUE, not {condition!r}")
        values[column] = values.get(column, frozenset()) | {value}
    return values


def met(conditions: Conditions, row: Mapping[str, object]) -> bool:
    """Return whether `row` has one of the values of every column."""
    return all(written(row.get(column)) in values for column, values in conditions.items())


def written(value: object) -> str:
    """Return `value` as a person writes it: whole numbers without a point, nothing as ''."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
