"""Add a layer's input to its output."""

from collections.abc import Callable
from typing import Any, TypeVar

from ..config import registry
from ..model import Model
from ._check import check_layers
from ._dims import check_widths, copy_dims
from ._predict import encode
from ._sum import plus

InT = TypeVar("InT")


@registry.layers("residual.v1")
def residual(layer: Model[InT, InT]) -> Model[InT, InT]:
    """Y = X + layer(X); X, Y: arrays, lists of arrays, Ragged or Padded.

    He et al. 2015, arXiv:1512.03385.
    """
    check_layers("residual", layer)
    return Model(
        f"residual({layer.name})",
        forward,
        init=init,
        layers=[layer],
        dims={name: layer.maybe_get_dim(name) for name in ("nO", "nI")},
    )


def forward(model: Model, X: Any, is_train: bool) -> tuple[Any, Callable]:
    Y = None if is_train else encode(model.layers[0], X)
    if Y is None:
        return run(model, X, is_train)
    return Y, lambda dY: run(model, X, False)[1](dY)  # what a backward pass needs was not kept


def run(model: Model, X: Any, is_train: bool) -> tuple[Any, Callable]:
    """The layer, then the sum."""
    layer_Y, backprop_layer = model.layers[0](X, is_train)

    def backprop(dY: Any) -> Any:
        return plus(model.ops, dY, backprop_layer(dY))

    return plus(model.ops, X, layer_Y), backprop


def init(model: Model, X: Any = None, Y: Any = None) -> None:
    layer = model.layers[0]
    if layer.has_dim("nO") is None:
        layer.initialize(X=X, Y=Y)
    else:
        layer.initialize(X=X)
    copy_dims(model, layer)
    check_widths("its input and output", [layer.get_dim(dim) for dim in ("nI", "nO") if layer.has_dim(dim)])
