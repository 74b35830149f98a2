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

from charcnn.encoding import encode
from charcnn.inference import CODES_INPUT, LOGITS_OUTPUT
from charcnn.network import CharCNN

CALIBRATION_BATCH = 32


@dataclass(frozen=True)
class Precisions:
    """The two graphs of one network."""

    fp32: Path
    int8: Path


class CalibrationReviews(CalibrationDataReader):  # type: ignore[misc]  # The base has no types.
    """Feeds the codes of `texts` to the calibration, batch by batch."""

    def __init__(self, texts: Sequence[str]) -> None:
        starts = range(0, len(texts), CALIBRATION_BATCH)
        self._batches = iter([texts[start : start + CALIBRATION_BATCH] for start in starts])

    def get_next(self) -> dict[str, NDArray[np.int64]] | None:
        """Return the next batch, or None when all have been fed."""
        texts = next(self._batches, None)
        return None if texts is None else {CODES_INPUT: encode(texts).astype(np.int64)}


def export_fp32(network: CharCNN, path: Path) -> None:
    """Write `network` to `path` as an ONNX graph that takes any number of reviews at once."""
    example = torch.from_numpy(encode(["one", "two"])).long()
    with _quiet():
        torch.onnx.export(
            network.eval(),
            (example,),
            path,
            input_names=[CODES_INPUT],
            output_names=[LOGITS_OUTPUT],
            dynamic_shapes=({0: torch.export.Dim("batch")},),
            dynamo=True,
            external_data=False,
        )


def quantise(fp32: Path, int8: Path, calibration: Sequence[str]) -> None:
    """Write the int8 twin of the graph `fp32`; `calibration` are reviews from training."""
    with tempfile.TemporaryDirectory() as folder, _quiet():
        prepared = Path(folder) / "prepared.onnx"
        quant_pre_process(str(fp32), str(prepared))
        quantize_static(
            str(prepared),
            str(int8),
            CalibrationReviews(calibration),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            # Seven-bit weights: without VNNI, products of eight-bit ones can overflow.
            reduce_range=True,
            calibrate_method=CalibrationMethod.MinMax,
        )


def export(network: CharCNN, folder: Path, calibration: Sequence[str]) -> Precisions:
    """Write both graphs of `network` into `folder`."""
    graphs = Precisions(folder / "fp32.onnx", folder / "int8.onnx")
    export_fp32(network, graphs.fp32)
    quantise(graphs.fp32, graphs.int8, calibration)
    return graphs


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
