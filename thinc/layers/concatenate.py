"""Put the outputs of layers that read the same input side by side."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from ..config import registry
from ..model import Model
from ..types import Ragged
from ._check import check_layers
from ._dims import parallel_dims, spread_dim
from ._predict import embed
from ._sum import plus
from .noop import noop

InT = TypeVar("InT")
OutT = TypeVar("OutT")


@registry.layers("concatenate.v1")
def concatenate(*layers: Model[InT, OutT]) -> Model[InT, OutT]:
    """Y = [layer₁(X) | layer₂(X) | …] along axis 1.

    The outputs are arrays, lists of arrays or Ragged, all of the same kind.
    Compatibility: a first layer that is itself a concatenation is extended.
    """
    check_layers("concatenate", *layers)
    if not layers:
        return noop()
    if len(layers) == 1:
        return layers[0]
    if layers[0]._func is forward:
        layers[0].layers.extend(layers[1:])
        return layers[0]
    name = "|".join(layer.name for layer in layers)
    dims = parallel_dims(layers)
    return Model(name, forward, init=init, dims=dims, layers=list(layers))


def forward(model: Model, X: Any, is_train: bool) -> tuple[Any, Callable]:
    Y = None if is_train else embed(model.layers, X)
    if Y is None:
        return run(model, X, is_train)
    return Y, lambda dY: run(model, X, False)[1](dY)  # what a backward pass needs was not kept


def run(model: Model, X: Any, is_train: bool) -> tuple[Any, Callable]:
    """The layers, one after the other, then their outputs side by side."""
    Ys, callbacks = [], []
    for layer in model.layers:
        layer_Y, callback = layer(X, is_train)
        Ys.append(layer_Y)
        callbacks.append(callback)

    def backprop(dY: Any) -> Any:
        parts = split(model.ops, dY, Ys)
        dX = callbacks[0](parts[0])
        for callback, part in zip(callbacks[1:], parts[1:]):
            dX = plus(model.ops, dX, callback(part))
        return dX

    return join(model.ops, Ys), backprop


def init(model: Model, X: Any = None, Y: Any = None) -> None:
    spread_dim(model, "nI", X)
    for layer in model.layers:
        layer.initialize(X=X, Y=Y if layer.has_dim("nO") is None else None)
    if all(layer.has_dim("nO") for layer in model.layers):
        model.set_dim("nO", sum(layer.get_dim("nO") for layer in model.layers))


def join(ops: Any, Ys: list[Any]) -> Any:
    """The outputs side by side, in the container of the first."""
    if isinstance(Ys[0], list):
        return [ops._join_columns(list(items)) for items in zip(*Ys, strict=True)]
    if isinstance(Ys[0], Ragged):
        return Ragged(ops._join_columns([Y.data for Y in Ys]), Ys[0].lengths)
    return ops._join_columns(Ys)


def split(ops: Any, dY: Any, Ys: Sequence[Any]) -> list[Any]:
    """The columns of dY that belong to each of the outputs Ys."""
    if isinstance(Ys[0], list):
        rows = [split(ops, d_item, items) for d_item, *items in zip(dY, *Ys)]
        return [[row[i] for row in rows] for i in range(len(Ys))]
    if isinstance(Ys[0], Ragged):
        parts = split(ops, dY.data, [Y.data for Y in Ys])
        return [Ragged(part, dY.lengths) for part in parts]
    return ops._split_columns(dY, [Y.shape[1] for Y in Ys])
