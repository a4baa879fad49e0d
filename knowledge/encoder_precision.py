"""The exported network in 8-bit integers: a quarter of the size and twice as fast, at a loss that
docs/decisions/0017 tells.
"""

import logging
from pathlib import Path


def quantize(path: Path) -> None:
    """Make the ONNX file at `path` compute its matrix products in int8.

    Weights get a scale for each column, since one for a whole matrix loses five times as much; activations
    get theirs at every call (dynamic quantization), so that no texts are needed to calibrate on.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    smaller = path.with_suffix(".int8")
    # It advises steps for convolutional networks, at the root logger.
    logging.disable(logging.WARNING)
    try:
        quantize_dynamic(path, smaller, weight_type=QuantType.QInt8, per_channel=True)
    finally:
        logging.disable(logging.NOTSET)
    smaller.replace(path)
