"""Mark the runs of a layer for NVIDIA's profiler."""

from functools import partial
from typing import Any

from ..interop import use_nvtx_range
from ..model import Model
from ._check import check_layers


def with_nvtx_range(
    layer: Model,
    name: str | None = None,
    *,
    forward_color: int = -1,
    backprop_color: int = -1,
) -> Model[Any, Any]:
    """Change `layer` in place and return it: ranges "<name> forward" and "<name> backprop"."""
    check_layers("with_nvtx_range", layer)
    name = layer.name if name is None else name
    layer.replace_callbacks(partial(forward, layer._func, name, forward_color, backprop_color), init=layer.init)
    return layer


def forward(original, name, forward_color, backprop_color, model, X, is_train):
    with use_nvtx_range(f"{name} forward", forward_color):
        Y, backprop_layer = original(model, X, is_train)

    def backprop(dY):
        with use_nvtx_range(f"{name} backprop", backprop_color):
            return backprop_layer(dY)

    return Y, backprop
