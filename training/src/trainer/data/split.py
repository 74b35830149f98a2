"""Which rows are held out for validation.

Rows of one group and (nearly) equal texts belong together and stay on one side. These components
are taken in an order that hashes of their texts alone decide, as long as they fit into every
class' share; what is too large for that, such as a group with half of all rows, is trained on.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.config import SplitConfig
from trainer.data import components, duplicates
from trainer.data.corpus import TRAINING, VALIDATION, Texts
from trainer.data.errors import DataError
from trainer.data.store import NO_GROUP

LEFT_OUT = -1
"""The side of rows that are nearly equal to those that --hold-out names."""

SLICE = 2**16
"""Components that are looked at in one go."""

Sides = NDArray[np.int8]


def sides(
    texts: Texts,
    columns: Mapping[str, NDArray[Any]],
    eligible: NDArray[np.bool],
    label_names: Sequence[str],
    config: SplitConfig,
) -> Sides:
    """Return each row's side: `TRAINING`, `VALIDATION` or `LEFT_OUT`.

    Without `hold_out`, only `eligible` rows are held out.

    Raises:
        DataError: a class is missing on a side.
    """
    if not config.hold_out and not config.validation:
        return np.full(len(texts), TRAINING, np.int8)
    first, equal = _components(texts, columns, near=config.near_duplicates)
    if config.hold_out:
        chosen = _named(first, columns["held_out"].astype(bool))
    else:
        chosen = _share(first, equal, columns["labels"], eligible, len(label_names), config)
    _refuse_missing(chosen, columns["labels"], label_names, config)
    return chosen


def _components(
    texts: Texts, columns: Mapping[str, NDArray[Any]], *, near: bool
) -> tuple[components.Rows, duplicates.Hashes]:
    """Return which rows belong together, and a hash that is the same for equal texts."""
    prints = duplicates.fingerprints(texts, columns["sizes"], near=near)
    first = duplicates.join_duplicates(components.apart(len(texts)), prints, texts)
    grouped = np.flatnonzero(columns["groups"] != NO_GROUP)
    return components.join_equal(first, columns["groups"], grouped), prints.equal


def _named(first: components.Rows, held_out: NDArray[np.bool]) -> Sides:
    """Return the sides where rows are held out by name; what is with them is left out."""
    if not held_out.any():
        raise DataError("--hold-out names no usable row")
    touched = np.zeros(len(first), bool)
    touched[first[held_out]] = True
    others = np.where(touched[first], LEFT_OUT, TRAINING)
    return np.where(held_out, VALIDATION, others).astype(np.int8)


def _share(
    first: components.Rows,
    equal: duplicates.Hashes,
    labels: NDArray[np.int8],
    eligible: NDArray[np.bool],
    classes: int,
    config: SplitConfig,
) -> Sides:
    """Return the sides where about the share asked for is held out of each class."""
    roots, component = np.unique(first, return_inverse=True)
    smallest = np.full(len(roots), np.iinfo(np.uint64).max, np.uint64)
    np.minimum.at(smallest, component, equal)
    free = np.ones(len(roots), bool)
    np.logical_and.at(free, component, eligible)
    order = np.argsort(duplicates.mixed(smallest + np.uint64(config.split_seed)))
    order = order[free[order]]
    counts = np.zeros((len(roots), classes), np.int32)
    np.add.at(counts, (component, labels), 1)
    totals = counts[free].sum(axis=0, dtype=np.int64)
    target = np.clip(np.rint(config.validation * totals), 1, totals - 1).astype(np.int64)
    held_out = np.zeros(len(roots), bool)
    held_out[order] = _fill(counts[order], target.tolist())
    return np.where(held_out[component], VALIDATION, TRAINING).astype(np.int8)


def _fill(counts: NDArray[np.int32], target: Sequence[int]) -> NDArray[np.bool]:
    """Return whether to hold out each component, from their rows of each class.

    First those that fit into what is missing; then, where large ones left a gap, those that
    bring the classes nearer to their targets on the whole.
    """
    missing, held_out = list(target), np.zeros(len(counts), bool)
    for suits in (_fits, _nears):
        for index, rows in _listed(counts):
            if not any(missing):
                return held_out
            if not held_out[index] and suits(rows, missing, target):
                held_out[index] = True
                missing = [gap - count for gap, count in zip(missing, rows, strict=True)]
    return held_out


def _listed(counts: NDArray[np.int32]) -> Iterator[tuple[int, list[int]]]:
    """Yield the rows of `counts` as lists, which are quicker one by one, but never all at once."""
    for start in range(0, len(counts), SLICE):
        yield from enumerate(counts[start : start + SLICE].tolist(), start)


def _fits(rows: Sequence[int], missing: Sequence[int], _target: Sequence[int]) -> bool:
    return all(count <= gap for count, gap in zip(rows, missing, strict=True))


def _nears(rows: Sequence[int], missing: Sequence[int], target: Sequence[int]) -> bool:
    classes = list(zip(rows, missing, target, strict=True))
    after = sum(abs(gap - count) / max(1, wanted) for count, gap, wanted in classes)
    return after < sum(abs(gap) / max(1, wanted) for _, gap, wanted in classes)


def _refuse_missing(
    chosen: Sides, labels: NDArray[np.int8], label_names: Sequence[str], config: SplitConfig
) -> None:
    """Refuse a side without one of the classes."""
    for side, purpose in ((VALIDATION, "validate"), (TRAINING, "train")):
        present = np.bincount(labels[chosen == side], minlength=len(label_names))
        absent = [name for name, count in zip(label_names, present, strict=True) if not count]
        if absent:
            raise DataError(f"no {absent[0]} review is left to {purpose} on: {_advice(config)}")


def _advice(config: SplitConfig) -> str:
    if config.hold_out:
        return "hold out other rows with --hold-out"
    if config.group_column:
        return "give more data, another --validation or another --group-column"
    return "give more data or another --validation"
