"""Ops: every operation, in its reference form; a few of them as functions too."""

from typing import Any

import numpy

from ..interop.modules import get_array_module
from ..types import Floats1d, Floats2d, Floats3d, FloatsXdT, Ints1d
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
from .encoding.reference import Encoding
from .linear.reference import Linear
from .lookup.reference import Lookup
from .normalization.reference import Normalization
from .recurrent.reference import Recurrent
from .sequence.reference import Sequences
from .training.reference import Training


class Ops(Encoding, Batching, Training, Recurrent, Lookup, Sequences, Normalization, Linear, Activations, Arrays):
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


def sigmoid(X: FloatsXdT, out: FloatsXdT | None = None) -> FloatsXdT:
    """Y = 1 / (1 + exp(−X)), with X limited to ±20; written into `out` and returned if that is given."""
    return _into(out, _operations(X).sigmoid(X))


def dsigmoid(Y: FloatsXdT, out: FloatsXdT | None = None) -> FloatsXdT:
    """Y · (1 − Y), the slope of Y = sigmoid(X); `out` as there."""
    return _into(out, _operations(Y).dsigmoid(Y))


def dtanh(Y: FloatsXdT, out: FloatsXdT | None = None) -> FloatsXdT:
    """1 − Y², the slope of Y = tanh(X); `out` as for `sigmoid`."""
    return _into(out, _operations(Y).dtanh(Y))


def lstm_forward_training(
    params: Floats1d, c_init: Floats3d, h_init: Floats3d, X: Floats2d, lengths: Ints1d
) -> tuple[Floats2d, tuple[Any, ...]]:
    """`Ops.lstm_forward_training` with the initial cells first; lengths are its size_at_t."""
    return _operations(X).lstm_forward_training(params, h_init, c_init, X, lengths)


def backprop_lstm(
    dY: Floats2d, lengths: Ints1d, params: Floats1d, fwd_state: tuple[Any, ...]
) -> tuple[Floats2d, Floats1d]:
    """`Ops.backprop_lstm`, from the state of `lstm_forward_training`."""
    return _operations(dY).backprop_lstm(dY, lengths, params, fwd_state)


def backprop_lstm_gates(
    dYt3: Floats2d, dCt3: Floats2d, Gt3: Floats2d, Ct3: Floats2d, Ct2: Floats2d
) -> tuple[Floats2d, Floats2d]:
    """One step back: the gradients of what goes into the gates (n, 4·nH), and of Ct2 (n, nH).

    dYt3, dCt3: (n, nH), of the hidden states and the cells Ct3 after the step.  Ct2: (n, nH), the
    cells before it.  Gt3: (n, 4·nH), the gates forget, input, output and candidate.
    """
    ops = _operations(Gt3)
    dG, dC = ops.xp.empty_like(Gt3), ops.xp.array(dCt3)
    ops._backprop_lstm_cell(dYt3, 0.0, dC, Gt3, Ct3, Ct2, dG)
    return dG, dC


def _operations(array: Any) -> Ops:
    """The reference operations over the array's own module."""
    ops = Ops()
    ops.xp = get_array_module(array)
    return ops


def _into(out: Any, Y: Any) -> Any:
    if out is None:
        return Y
    out[...] = Y
    return out
