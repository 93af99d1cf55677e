"""Apply a layer to one item of a tuple."""

from collections.abc import Callable
from typing import Any

from ..config import registry
from ..model import Model
from ._check import check_layers


@registry.layers("with_getitem.v1")
def with_getitem(idx: int, layer: Model) -> Model[tuple, tuple]:
    """Y is X with item `idx` replaced by the output of the layer; idx may count from the end."""
    check_layers("with_getitem", layer)
    return Model(f"with_getitem({layer.name})", forward, init=init, layers=[layer], attrs={"idx": idx})


def forward(model: Model, items: Any, is_train: bool) -> tuple[Any, Callable]:
    (layer,) = model.layers
    idx = model.attrs["idx"]
    Y, backprop_layer = layer(items[idx], is_train)

    def backprop(d_items: Any) -> Any:
        return _replace(d_items, idx, backprop_layer(d_items[idx]))

    return _replace(items, idx, Y), backprop


def init(model, X=None, Y=None):
    (layer,) = model.layers
    idx = model.attrs["idx"]
    layer.initialize(X=None if X is None else X[idx], Y=None if Y is None else Y[idx])


def _replace(items, idx, value):
    replaced = list(items)
    replaced[idx] = value
    return replaced if isinstance(items, list) else tuple(replaced)
