"""Read sequences in both directions, side by side."""

from collections.abc import Callable
from typing import Any

from ..config import registry
from ..model import Model
from ..types import Padded
from ._check import check_layers


@registry.layers("bidirectional.v1")
def bidirectional(l2r: Model[Padded, Padded], r2l: Model[Padded, Padded] | None = None) -> Model[Padded, Padded]:
    """Y = [l2r(X) | reverse(r2l(reverse(X)))], reversed within each sequence.

    X: Padded with (nT, nB, nI); Y: Padded with (nT, nB, nO of l2r + nO of r2l).
    """
    check_layers("bidirectional", l2r, *([] if r2l is None else [r2l]))
    layers = [l2r, l2r.copy() if r2l is None else r2l]
    return Model(f"bi{l2r.name}", forward, init=init, layers=layers)


def forward(model: Model, X: Padded, is_train: bool) -> tuple[Padded, Callable]:
    ops = model.ops
    l2r, r2l = model.layers
    Y_l2r, backprop_l2r = l2r(X, is_train)
    Y_r2l, backprop_r2l = r2l(reverse(ops, X), is_train)
    data = join(ops, [Y_l2r.data, reverse(ops, Y_r2l).data])
    nO = Y_l2r.data.shape[-1]

    def backprop(dY: Padded) -> Padded:
        dY_l2r, dY_r2l = split(ops, dY, nO)
        dX_l2r = backprop_l2r(dY_l2r)
        dX_r2l = reverse(ops, backprop_r2l(reverse(ops, dY_r2l)))
        return replace_data(X, ops._plus(dX_l2r.data, dX_r2l.data))

    return replace_data(X, data), backprop


def init(model: Model, X: Padded | None = None, Y: Padded | None = None) -> None:
    l2r, r2l = model.layers
    X_r2l = None if X is None else reverse(model.ops, X)
    Y_l2r, Y_r2l = None, None
    if Y is not None:
        Y_l2r, Y_r2l = split(model.ops, Y, Y.data.shape[-1] // 2)
    l2r.initialize(X=X, Y=Y_l2r)
    r2l.initialize(X=X_r2l, Y=Y_r2l)


def reverse(ops: Any, X: Padded) -> Padded:
    """Each sequence back to front; what is beyond its length stays where it is."""
    return replace_data(X, ops._reverse_sequences(X.data, X.lengths))


def join(ops: Any, Ys: list[Any]) -> Any:
    """Arrays (nT, nB, width) side by side."""
    nT, nB = Ys[0].shape[:2]
    joined = ops._join_columns([Y.reshape((nT * nB, Y.shape[2])) for Y in Ys])
    return joined.reshape((nT, nB, joined.shape[1]))


def split(ops: Any, X: Padded, width: int) -> tuple[Padded, Padded]:
    """The first `width` columns and the rest."""
    nT, nB, nO = X.data.shape
    widths = [width, nO - width]
    parts = ops._split_columns(X.data.reshape((nT * nB, nO)), widths)
    first, rest = (replace_data(X, part.reshape((nT, nB, n))) for part, n in zip(parts, widths))
    return first, rest


def replace_data(X: Padded, data: Any) -> Padded:
    """Other data for the same sequences."""
    return Padded(data, X.size_at_t, X.lengths, X.indices)
