"""Run a layer on every item of a list."""
from typing import Any, Callable, List, Optional, Tuple

from ..model import Model


def map_list(layer: Model) -> Model[List[Any], List[Any]]:
    """Y = [layer(item) for item in X]."""
    return Model("map_list", forward, init=init, layers=[layer])


def forward(
    model: Model, X: List[Any], is_train: bool
) -> Tuple[List[Any], Callable]:
    layer = model.layers[0]
    Ys, callbacks = [], []
    for item in X:
        Y, callback = layer(item, is_train=is_train)
        Ys.append(Y)
        callbacks.append(callback)

    def backprop(dYs: List[Any]) -> List[Any]:
        return [callback(dY) for callback, dY in zip(callbacks, dYs)]

    return Ys, backprop


def init(
    model: Model, X: Optional[List[Any]] = None, Y: Optional[List[Any]] = None
) -> None:
    model.layers[0].initialize(X=X[0] if X else None, Y=Y[0] if Y else None)
