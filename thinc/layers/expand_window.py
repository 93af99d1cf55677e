"""Put each row next to its neighbours."""

from collections.abc import Callable
from operator import index
from typing import Any

from ..config import registry
from ..model import Model
from ..types import Floats2d, Ragged


@registry.layers("expand_window.v1")
def expand_window(window_size: int = 1) -> Model[Floats2d | Ragged, Any]:
    """Y[i] = [X[i − nW], ..., X[i], ..., X[i + nW]], zeros beyond the ends of the sequence.

    X: (rows, width).  Y: (rows, width · (2 nW + 1)).  Windows in a Ragged stay in their sequence.
    """
    if index(window_size) < 0:
        raise ValueError(f"expand_window got window_size={window_size}. Give it 0 or more rows on each side.")
    return Model("expand_window", forward, attrs={"window_size": window_size})


def forward(model: Model, X: Floats2d | Ragged, is_train: bool) -> tuple[Floats2d | Ragged, Callable]:
    if isinstance(X, Ragged):
        return _expand_ragged(model, X)
    return _expand_array(model, X)


def _expand_array(model, X):
    ops, nW = model.ops, model.attrs["window_size"]

    def backprop(dY):
        return ops.backprop_seq2col(ops.xp.ascontiguousarray(dY), nW) if len(dY) else ops.xp.zeros_like(X)

    if not len(X):
        return ops.alloc((0, X.shape[-1] * (2 * nW + 1)), dtype=X.dtype), backprop
    return ops.seq2col(ops.xp.ascontiguousarray(X), nW), backprop


def _expand_ragged(model, Xr):
    ops, nW = model.ops, model.attrs["window_size"]
    shape = Xr.dataXd.shape
    lengths = ops.asarray1i(Xr.lengths)

    def backprop(dYr):
        if not dYr.data.size:
            return Ragged(ops.alloc(shape, dtype=dYr.data.dtype), Xr.lengths)
        dX = ops.backprop_seq2col(ops.xp.ascontiguousarray(dYr.data), nW, lengths=lengths)
        return Ragged(dX.reshape(shape), Xr.lengths)

    if not Xr.data.size:
        width = shape[-1] * (2 * nW + 1)
        return Ragged(ops.alloc((0, width), dtype=Xr.data.dtype), Xr.lengths), backprop
    Y = ops.seq2col(ops.xp.ascontiguousarray(Xr.data), nW, lengths=lengths)
    return Ragged(Y, Xr.lengths), backprop


ExtractWindow = expand_window
