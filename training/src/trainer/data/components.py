"""Which rows belong together: connected components, as an array that names each row's first one."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]


def apart(count: int) -> Rows:
    """Return the components of `count` rows of which none belong together."""
    return np.arange(count)


def join(first: Rows, left: Rows, right: Rows) -> Rows:
    """Return the components once every row of `left` belongs together with that of `right`.

    `first` has the first row of each row's component.
    """
    first = first.copy()
    while True:
        low, high = np.minimum(first[left], first[right]), np.maximum(first[left], first[right])
        if np.array_equal(low, high):
            return first
        np.minimum.at(first, high, low)
        while not np.array_equal(first, further := first[first]):
            first = further


def join_equal(first: Rows, keys: NDArray[Any], rows: Rows) -> Rows:
    """Return the components once those of `rows` belong together that have equal `keys`."""
    order = rows[np.argsort(keys[rows], kind="stable")]
    same = np.flatnonzero(keys[order[1:]] == keys[order[:-1]])
    return join(first, order[same], order[same + 1])
