"""Give the outputs of layers that read the same input as a tuple."""

from collections.abc import Callable
from typing import Any, TypeVar

from ..config import registry
from ..model import Model
from ._check import check_layers
from ._dims import copy_dims
from ._sum import plus

InT = TypeVar("InT")


@registry.layers("tuplify.v1")
def tuplify(layer1: Model[InT, Any], layer2: Model[InT, Any], *layers: Model[InT, Any]) -> Model[InT, tuple[Any, ...]]:
    """Y = (layer₁(X), layer₂(X), …)."""
    every = [layer1, layer2, *layers]
    check_layers("tuplify", *every)
    names = ", ".join(layer.name for layer in every)
    return Model(f"tuple({names})", forward, init=init, dims={"nI": None}, layers=every)


def forward(model: Model, X: Any, is_train: bool) -> tuple[tuple, Callable]:
    Ys, callbacks = [], []
    for layer in model.layers:
        Y, callback = layer(X, is_train)
        Ys.append(Y)
        callbacks.append(callback)

    def backprop(dYs: tuple) -> Any:
        dX = callbacks[0](dYs[0])
        for callback, dY in zip(callbacks[1:], dYs[1:]):
            dX = plus(model.ops, dX, callback(dY))
        return dX

    return tuple(Ys), backprop


def init(model: Model, X: Any = None, Y: Any = None) -> None:
    for i, layer in enumerate(model.layers):
        if Y is not None and layer.has_dim("nO") is None:
            layer.initialize(X=X, Y=Y[i])
        else:
            layer.initialize(X=X)
    if model.layers:
        copy_dims(model, model.layers[0], ("nI",))
