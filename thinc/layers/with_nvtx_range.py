"""Mark the runs of a layer for NVIDIA's profiler."""

from contextlib import contextmanager
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from ..model import Model


def with_nvtx_range(
    layer: Model,
    name: str | None = None,
    *,
    forward_color: int = -1,
    backprop_color: int = -1,
) -> Model[Any, Any]:
    """Change `layer` in place and return it: ranges "<name> forward" and "<name> backprop"."""
    name = layer.name if name is None else name
    layer.replace_callbacks(partial(forward, layer._func, name, forward_color, backprop_color), init=layer.init)
    return layer


def forward(original, name, forward_color, backprop_color, model, X, is_train):
    with _range(f"{name} forward", forward_color):
        Y, backprop_layer = original(model, X, is_train)

    def backprop(dY):
        with _range(f"{name} backprop", backprop_color):
            return backprop_layer(dY)

    return Y, backprop


@contextmanager
def _range(message, color):
    """A range of CuPy's; nothing without CuPy."""
    if find_spec("cupy") is None:
        yield
        return
    nvtx = import_module("cupy.cuda.nvtx")
    nvtx.RangePush(message, color)
    try:
        yield
    finally:
        nvtx.RangePop()
