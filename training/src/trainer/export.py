"""The network as an ONNX graph, and the same graph in int8.

The int8 graph is quantised statically (QDQ, ranges from calibration reviews), so
that an answer does not depend on the batch it came in.
"""

import contextlib
import io
import logging
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process

from charcnn.encoding import pad
from charcnn.inference import CODES_INPUT, LOGITS_OUTPUT, METADATA, Classifier, Interface
from trainer.checkpoint import Trained
from trainer.tables import shrink_tables

QUANTISED = ["Conv", "Gemm", "MatMul", "Relu"]
"""The operators computed in int8; a Relu that is not among them parts its convolution from it."""


@dataclass(frozen=True)
class Precisions:
    """The two graphs of one network."""

    fp32: Path
    int8: Path


def export(trained: Trained, folder: Path, calibration: Sequence[str]) -> Precisions:
    """Write both graphs of `trained` into `folder`; `calibration` are reviews from training."""
    graphs = Precisions(folder / "fp32.onnx", folder / "int8.onnx")
    export_fp32(trained, graphs.fp32)
    quantise(graphs.fp32, graphs.int8, calibration)
    return graphs


def export_fp32(trained: Trained, path: Path) -> None:
    """Write `trained` to `path` as a graph for any number of reviews at once.

    Where its interface has a step, the graph also takes reviews of any number of steps.
    """
    interface = trained.interface
    rows = [interface.encode_one(text) for text in ("one", "two")]
    example = torch.from_numpy(pad(rows, interface.longest)).long()
    axes = (0, 1) if interface.step else (0,)
    with _quiet():
        torch.onnx.export(
            trained.network.eval(),
            (example,),
            path,
            input_names=[CODES_INPUT],
            output_names=[LOGITS_OUTPUT],
            dynamic_shapes=(dict.fromkeys(axes, torch.export.Dim.DYNAMIC),),
            dynamo=True,
            external_data=False,
        )
    _save(onnx.load(path), interface.as_json(), path)


def quantise(fp32: Path, int8: Path, calibration: Sequence[str]) -> None:
    """Write the int8 twin of the graph `fp32`; `calibration` are reviews from training.

    Convolutions and products with weights are computed in int8, big look-up tables only
    stored in it; all else stays fp32.
    """
    interface = Classifier(fp32).interface
    with tempfile.TemporaryDirectory() as folder, _quiet():
        prepared, quantised = Path(folder) / "prepared.onnx", Path(folder) / "quantised.onnx"
        # The exporter has noted the shapes; finding them anew fails on some operators.
        quant_pre_process(str(fp32), str(prepared), skip_symbolic_shape=True)
        quantize_static(
            str(prepared),
            str(quantised),
            CalibrationReviews(interface, calibration),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=QUANTISED,
            nodes_to_exclude=_products_without_weights(prepared),
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            # Seven-bit weights: without VNNI, products of eight-bit ones can overflow.
            reduce_range=True,
            calibrate_method=CalibrationMethod.MinMax,
            # Logits of 256 values would tie where the fp32 ones do not, and gain nothing.
            extra_options={"OpTypesToExcludeOutputQuantization": ["Gemm", "MatMul"]},
        )
        model = onnx.load(quantised)
    shrink_tables(model)
    _save(model, interface.as_json(), int8)


class CalibrationReviews(CalibrationDataReader):  # type: ignore[misc]  # The base has no types.
    """Feeds reviews to the calibration one by one, each padded as it will be when it is served."""

    def __init__(self, interface: Interface, texts: Sequence[str]) -> None:
        self._interface = interface
        self._texts = iter(texts)

    def get_next(self) -> dict[str, NDArray[np.int64]] | None:
        """Return the next review's codes, or None when all have been fed."""
        text = next(self._texts, None)
        if text is None:
            return None
        units = self._interface.encode_one(text)
        return {CODES_INPUT: pad([units], self._interface.padded(len(units))).astype(np.int64)}


def _products_without_weights(graph: Path) -> list[str]:
    """Return the products of two results, as in attention: int8 costs them more than it saves."""
    model = onnx.load(graph)
    weights = {weight.name for weight in model.graph.initializer}
    products = [node for node in model.graph.node if node.op_type == "MatMul"]
    return [node.name for node in products if not weights.intersection(node.input)]


def _save(model: onnx.ModelProto, interface: str, path: Path) -> None:
    onnx.helper.set_model_props(model, {METADATA: interface})
    onnx.save(model, path)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the exporters' chatter off the terminal."""
    logging.disable(logging.WARNING)
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            logging.disable(logging.NOTSET)
