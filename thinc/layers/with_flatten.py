"""Feed a layer of items from a nested list; its array of rows is split again."""

from collections.abc import Callable, Sequence
from typing import Any

from ..config import registry
from ..model import Model
from ..types import ArrayXd
from ._check import check_layers


@registry.layers("with_flatten.v1")
def with_flatten(layer: Model) -> Model[Sequence[Sequence[Any]], list[Any]]:
    """The layer sees one flat list of items and returns an array (items, ...)."""
    check_layers("with_flatten", layer)
    return Model(f"with_flatten({layer.name})", forward, init=init, layers=[layer])


def forward(model: Model, Xnest: Sequence[Sequence[Any]], is_train: bool) -> tuple[list[ArrayXd], Callable]:
    (layer,) = model.layers
    ops = model.ops
    lengths: Any = [len(items) for items in Xnest]
    Y, backprop_layer = layer(_flat(Xnest), is_train)

    def backprop(dY: list[ArrayXd]) -> Any:
        dX = backprop_layer(ops.flatten(dY))
        return ops.unflatten(dX, lengths) if hasattr(dX, "shape") else _nest(dX, lengths)

    return ops.unflatten(Y, lengths), backprop


def init(model, X=None, Y=None):
    (layer,) = model.layers
    if isinstance(Y, (list, tuple)):
        Y = model.ops.flatten(Y)
    layer.initialize(X=None if X is None else _flat(X), Y=Y)


def _flat(nested):
    return [item for items in nested for item in items]


def _nest(flat, lengths):
    """A layer over strings has no gradient: then it returns an empty list."""
    nested, start = [], 0
    for length in lengths:
        nested.append(flat[start : start + length])
        start += length
    return nested
