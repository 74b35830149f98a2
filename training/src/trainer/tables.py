"""A graph's big look-up tables in int8: embeddings of hashed n-grams are most of such a model.

Every row has a scale of its own, so that a loud row costs the quiet ones nothing. The rows
that a review needs are turned back to fp32 when they are looked up.
"""

from collections.abc import Iterator, Mapping

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

LARGE = 100_000
"""Elements; the file hardly shrinks for tables that have fewer."""

STEPS = 127
"""How many steps int8 has on either side of 0."""

ROWS, SCALES = ".int8", ".scales"
"""What a table is stored as: its name with these behind it."""


def shrink_tables(model: onnx.ModelProto) -> None:
    """Store the fp32 tables of more than `LARGE` elements that are only looked up, in int8."""
    graph = model.graph
    tables = {table.name: table for table in graph.initializer if _is_large(table)}
    for node in graph.node:
        for place, name in enumerate(node.input):
            if not _is_look_up(node, place):
                tables.pop(name, None)
    nodes = [new for node in graph.node for new in _shrunken(node, tables)]
    others = [one for one in graph.initializer if one.name not in tables]
    stored = [part for table in tables.values() for part in _stored(table)]
    graph.ClearField("node")
    graph.ClearField("initializer")
    graph.node.extend(nodes)
    graph.initializer.extend([*others, *stored])


def quantise_rows(table: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float16]]:
    """Return int8 rows and the scale of each; their product is `table` again, nearly."""
    axes = tuple(range(1, table.ndim))
    wanted = np.abs(table).max(axis=axes, keepdims=True) / STEPS
    near = wanted.astype(np.float16)
    # Never below what is wanted, so that no value lies outside of int8.
    scales = np.where(near > wanted, near, np.nextafter(near, np.float16(np.inf)))
    return np.rint(table / scales.astype(np.float32)).astype(np.int8), scales


def restore_tables(
    stored: Mapping[str, NDArray[np.generic]],
) -> dict[str, NDArray[np.float32]]:
    """Return in fp32, by their names, the tables that `shrink_tables` left among what is stored."""
    names = [name.removesuffix(ROWS) for name in stored if name.endswith(ROWS)]
    return {
        name: stored[name + ROWS].astype(np.float32) * stored[name + SCALES].astype(np.float32)
        for name in names
    }


def _is_large(table: TensorProto) -> bool:
    floats = table.data_type == TensorProto.FLOAT
    return floats and len(table.dims) > 1 and int(np.prod(table.dims)) > LARGE


def _is_look_up(node: onnx.NodeProto, place: int) -> bool:
    """Whether `node` looks up rows of its input at `place`."""
    axis = next((one.i for one in node.attribute if one.name == "axis"), 0)
    return node.op_type == "Gather" and place == 0 and axis == 0


def _shrunken(node: onnx.NodeProto, tables: dict[str, TensorProto]) -> Iterator[onnx.NodeProto]:
    """Yield what computes `node` from the stored tables: itself, if it needs none of them."""
    if not node.input or node.input[0] not in tables:
        yield node
        return
    table, rows = node.input
    out = node.output[0]
    for part in (table + ROWS, table + SCALES):
        yield helper.make_node("Gather", [part, rows], [f"{out}.{part}"], axis=0)
        cast = helper.make_node("Cast", [f"{out}.{part}"], [f"{out}.{part}.fp32"])
        cast.attribute.append(helper.make_attribute("to", TensorProto.FLOAT))
        yield cast
    factors = [f"{out}.{table}{part}.fp32" for part in (ROWS, SCALES)]
    yield helper.make_node("Mul", factors, [out])


def _stored(table: TensorProto) -> list[TensorProto]:
    rows, scales = quantise_rows(numpy_helper.to_array(table))
    return [
        numpy_helper.from_array(rows, table.name + ROWS),
        numpy_helper.from_array(scales, table.name + SCALES),
    ]
