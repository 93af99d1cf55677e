"""Add up the outputs of layers that read the same input."""

from collections.abc import Callable
from typing import Any, TypeVar

from ..config import registry
from ..model import Model
from ._check import check_layers
from ._dims import check_widths, parallel_dims, spread_dim
from ._sum import plus

InT = TypeVar("InT")
OutT = TypeVar("OutT")


@registry.layers("add.v1")
def add(layer1: Model[InT, OutT], layer2: Model[InT, OutT], *layers: Model[InT, OutT]) -> Model[InT, OutT]:
    """Y = Σ layer(X).  All outputs have the same shape.

    Compatibility: a first layer that is itself a sum is extended and returned.
    """
    check_layers("add", layer1, layer2, *layers)
    if layer1.name == "add":
        layer1.layers.extend((layer2, *layers))
        return layer1
    every = [layer1, layer2, *layers]
    dims = parallel_dims(every)
    return Model("add", forward, init=init, dims=dims, layers=every)


def forward(model: Model, X: Any, is_train: bool) -> tuple[Any, Callable]:
    if not model.layers:
        return X, lambda dY: dY
    Y, callback = model.layers[0](X, is_train)
    callbacks = [callback]
    for layer in model.layers[1:]:
        layer_Y, callback = layer(X, is_train)
        Y = plus(model.ops, Y, layer_Y)
        callbacks.append(callback)

    def backprop(dY: Any) -> Any:
        dX = callbacks[0](dY)
        for callback in callbacks[1:]:
            dX = plus(model.ops, dX, callback(dY))
        return dX

    return Y, backprop


def init(model: Model, X: Any = None, Y: Any = None) -> None:
    spread_dim(model, "nI", X)
    spread_dim(model, "nO", Y)
    for layer in model.layers:
        layer.initialize(X=X, Y=Y)
    widths = [layer.get_dim("nO") for layer in model.layers if layer.has_dim("nO")]
    check_widths("its layers", widths)
    if widths:
        model.set_dim("nO", widths[0])
