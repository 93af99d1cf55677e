"""Call functions before a layer is initialized, run or backpropagated."""

from collections.abc import Callable
from functools import partial
from typing import Any

from ..model import Model
from ._check import check_layers


def _ignore(*args: Any) -> None:
    """The callback that nobody asked for."""


def with_debug(
    layer: Model,
    name: str | None = None,
    *,
    on_init: Callable[[Model, Any, Any], None] = _ignore,
    on_forward: Callable[[Model, Any, bool], None] = _ignore,
    on_backprop: Callable[[Any], None] = _ignore,
) -> Model:
    """Change `layer` in place and return it; `name` has no effect.

    on_init(model, X, Y), on_forward(model, X, is_train), on_backprop(dY).
    """
    check_layers("with_debug", layer)
    original_forward, original_init = layer._func, layer.init
    layer.replace_callbacks(
        partial(forward, original_forward, on_forward, on_backprop),
        init=partial(init, original_init, on_init),
    )
    return layer


def forward(original, on_forward, on_backprop, model, X, is_train):
    on_forward(model, X, is_train)
    Y, backprop_layer = original(model, X, is_train)

    def backprop(dY):
        on_backprop(dY)
        return backprop_layer(dY)

    return Y, backprop


def init(original, on_init, model, X=None, Y=None):
    on_init(model, X, Y)
    return None if original is None else original(model, X, Y)
