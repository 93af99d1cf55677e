"""Select a part of an array."""

from collections.abc import Callable
from typing import Any

from ..model import Model
from ..types import ArrayXd, FloatsXd, IntsXd

NO_ARRAY = (slice, int, type(None), type(...))  # these select nothing twice


def array_getitem(index: Any) -> Model[ArrayXd, Any]:
    """Y = X[index]; index: whatever an array can be indexed with."""
    return Model("array-getitem", forward, attrs={"index": index})


def floats_getitem(index: Any) -> Model[FloatsXd, Any]:
    """Y = X[index] of an array of floats."""
    return Model("floats-getitem", forward, attrs={"index": index})


def ints_getitem(index: Any) -> Model[IntsXd, Any]:
    """Y = X[index] of an array of ints."""
    return Model("ints-getitem", forward, attrs={"index": index})


def forward(model: Model, X: ArrayXd, is_train: bool) -> tuple[ArrayXd, Callable]:
    index = model.attrs["index"]

    def backprop(dY: ArrayXd) -> ArrayXd:
        dX = model.ops.alloc(X.shape, dtype=X.dtype)
        if len(X):
            add_at(model.ops, dX, index, dY)
        return dX

    return take(X, index), backprop


def take(X: ArrayXd, index: Any) -> ArrayXd:
    """X[index]; of an empty batch whatever there is, even if it has lost its width."""
    try:
        return X[index]
    except IndexError:
        if len(X):
            raise
        return X.reshape((-1,)) if isinstance(index, tuple) else X


def add_at(ops: Any, dX: ArrayXd, index: Any, dY: ArrayXd) -> None:
    """dX[index] += dY, where dX is zero; a row that is selected twice gets both gradients."""
    for part in index if isinstance(index, tuple) else (index,):
        if not isinstance(part, NO_ARRAY):
            ops.xp.add.at(dX, index, ops.xp.asarray(dY).astype(dX.dtype, copy=False))
            return
    dX[index] = dY
