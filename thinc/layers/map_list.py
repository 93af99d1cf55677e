"""Run a layer on every item of a list."""

from collections.abc import Callable
from typing import Any

from ..model import Model
from ._check import check_layers


def map_list(layer: Model) -> Model[list[Any], list[Any]]:
    """Y = [layer(item) for item in X]."""
    check_layers("map_list", layer)
    return Model("map_list", forward, init=init, layers=[layer])


def forward(model: Model, X: list[Any], is_train: bool) -> tuple[list[Any], Callable]:
    layer = model.layers[0]
    Ys, callbacks = [], []
    for item in X:
        Y, callback = layer(item, is_train)
        Ys.append(Y)
        callbacks.append(callback)

    def backprop(dYs: list[Any]) -> list[Any]:
        return [callback(dY) for callback, dY in zip(callbacks, dYs)]

    return Ys, backprop


def init(model: Model, X: list[Any] | None = None, Y: list[Any] | None = None) -> None:
    model.layers[0].initialize(X=X[0] if X else None, Y=Y[0] if Y else None)
