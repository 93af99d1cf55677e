"""Ops: every operation, in its reference form."""

from typing import Any

import numpy

from .activation.reference import (  # noqa: F401  (users import the constants and Gauss functions)
    INV_SQRT2,
    INV_SQRT_2PI,
    SQRT2PI,
    Activations,
    gaussian_cdf,
    gaussian_pdf,
)
from .arrays.reference import Arrays
from .batching import Batching
from .linear.reference import Linear
from .lookup.reference import Lookup
from .normalization.reference import Normalization
from .recurrent.reference import Recurrent
from .sequence.reference import Sequences
from .training.reference import Training


class Ops(Batching, Training, Recurrent, Lookup, Sequences, Normalization, Activations, Linear, Arrays):
    """Numerical operations on the arrays of one module, on one device.

    name: what `get_ops` looks for.  xp: the array module.
    device_type: "cpu", "gpu" or "tpu".  device_id: -1 where there is only one.
    """

    name: str = "base"
    xp: Any = numpy

    def __init__(self, device_type: str = "cpu", device_id: int = -1, **kwargs):
        self.device_type = device_type
        self.device_id = device_id

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.device_type!r}, {self.device_id})"
