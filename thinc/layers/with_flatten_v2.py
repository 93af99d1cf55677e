"""Feed a layer of lists from a nested list and nest its output again."""

from collections.abc import Callable, Sequence
from typing import Any

from ..config import registry
from ..model import Model
from ._check import check_layers


@registry.layers("with_flatten.v2")
def with_flatten_v2(layer: Model[list[Any], list[Any]]) -> Model[list[list[Any]], list[list[Any]]]:
    """The layer sees one flat list of items and returns a list of as many."""
    check_layers("with_flatten", layer)
    return Model(f"with_flatten({layer.name})", forward, init=init, layers=[layer])


def forward(model: Model, Xnest: Sequence[Sequence[Any]], is_train: bool) -> tuple[list[list[Any]], Callable]:
    (layer,) = model.layers
    lengths = [len(items) for items in Xnest]
    Y, backprop_layer = layer(_flat(Xnest), is_train)

    def backprop(dY: list[list[Any]]) -> list[list[Any]]:
        return _nest(backprop_layer(_flat(dY)), lengths)

    return _nest(Y, lengths), backprop


def init(model, X=None, Y=None):
    (layer,) = model.layers
    layer.initialize(X=None if X is None else _flat(X), Y=None if Y is None else _flat(Y))


def _flat(nested):
    return [item for items in nested for item in items]


def _nest(flat, lengths):
    nested, start = [], 0
    for length in lengths:
        nested.append(flat[start : start + length])
        start += length
    return nested
