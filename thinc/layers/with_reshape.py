"""Feed a layer of 2d arrays from 3d arrays."""

from collections.abc import Callable
from typing import Any

from ..config import registry
from ..model import Model
from ..types import Array3d
from ._check import check_layers


@registry.layers("with_reshape.v1")
def with_reshape(layer: Model) -> Model[Array3d, Any]:
    """X: (nB, nT, nI), which the layer sees as (nB · nT, nI).  Y: (nB, nT, nO)."""
    check_layers("with_reshape", layer)
    return Model(
        f"with_reshape({layer.name})",
        forward,
        init=init,
        layers=[layer],
        dims={"nO": None, "nI": None},
    )


def forward(model: Model, X: Array3d, is_train: bool) -> tuple[Array3d, Callable]:
    (layer,) = model.layers
    Y2d, backprop_layer = layer(_flat(X), is_train)

    def backprop(dY: Array3d) -> Array3d:
        return backprop_layer(_flat(dY)).reshape(X.shape)

    return Y2d.reshape((*X.shape[:-1], Y2d.shape[-1])), backprop


def init(model, X=None, Y=None):
    (layer,) = model.layers
    layer.initialize(X=None if X is None else _flat(X), Y=None if Y is None else _flat(Y))
    for dim in ("nI", "nO"):
        if layer.has_dim(dim):
            model.set_dim(dim, layer.get_dim(dim))


def _flat(X):
    rows = 1
    for size in X.shape[:-1]:
        rows *= size
    return X.reshape((rows, X.shape[-1]))
