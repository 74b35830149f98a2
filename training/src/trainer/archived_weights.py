"""A network from the graph in a `.mar`, so that training can go on from what is served.

An archive has no checkpoint, but its graph has the weights: those in int8 are turned back to fp32,
with the rounding that they are served with. The graph keeps the names of all weights but those of
products, which are known by the bias that is added to what they give.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from charcnn.network import configure
from trainer.checkpoint import Trained
from trainer.errors import ModelError
from trainer.models import unpacked
from trainer.tables import restore_tables

Value = NDArray[np.generic]
Values = dict[str, Value]


def load(archive: Path, network: str) -> Trained:
    """Return the network named `network` with the weights in `archive`, ready to answer.

    Raises:
        ModelError: it is no archive that can be read, or the graph is another network's.
    """
    with unpacked(archive) as (path, model):
        graph, interface = onnx.load(path).graph, model.classifier.interface
    built = configure(network, interface.reading, len(interface.labels)).build()
    weights = {name: torch.from_numpy(value) for name, value in weights_of(graph).items()}
    wanted = built.state_dict()
    fitting = {
        name for name in wanted.keys() & weights if weights[name].shape == wanted[name].shape
    }
    if missing := sorted(wanted.keys() - fitting):
        raise ModelError(f"{archive} has another network than {network}: no {missing[0]} is in it")
    built.load_state_dict({name: weights[name] for name in fitting})
    return Trained(network, built.eval(), interface)


def weights_of(graph: onnx.GraphProto) -> dict[str, NDArray[np.float32]]:
    """Return the weights of a graph in fp32, by their names in the network."""
    stored = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    values = stored | restore_tables(stored)
    for node in graph.node:
        if node.op_type == "DequantizeLinear" and node.input[0] in stored:
            values[node.output[0]] = _dequantised(node, stored)
    named = values | dict(_of_products(graph, values))
    return {name: np.array(value, dtype=np.float32) for name, value in named.items()}


def _dequantised(node: onnx.NodeProto, stored: Values) -> NDArray[np.float32]:
    """Return what an operator of ONNX makes of a stored weight, a scale for each of its rows."""
    quantised, scale, zero = (stored[name].astype(np.float32) for name in node.input)
    axis = next(helper.get_attribute_value(one) for one in node.attribute if one.name == "axis")
    along = [-1 if place == axis else 1 for place in range(quantised.ndim)]
    weight: NDArray[np.float32] = (quantised - zero.reshape(along)) * scale.reshape(along)
    return weight


def _of_products(graph: onnx.GraphProto, values: Values) -> Iterator[tuple[str, Value]]:
    """Yield the weights of linear layers, which torch has with the results first."""
    products = {
        node.output[0]: values[node.input[1]].T
        for node in graph.node
        if node.op_type == "MatMul" and node.input[1] in values
    }
    for node in graph.node:
        if node.op_type == "Gemm":
            yield _weight(node.input[2]), values[node.input[1]]
        if node.op_type == "Add" and node.input[0] in products:
            yield _weight(node.input[1]), products[node.input[0]]


def _weight(bias: str) -> str:
    return f"{bias.removesuffix('bias')}weight"
