"""Mark the runs of a layer for Apple's Instruments."""

from functools import partial
from importlib.util import find_spec
from typing import Any

from ..errors import MissingFrameworkError
from ..model import Model
from ._check import check_layers


def with_signpost_interval(layer: Model, signposter: Any, name: str | None = None) -> Model[Any, Any]:
    """Change `layer` in place and return it: intervals "<name> init", "forward" and "backprop".

    Raises: MissingSignpostError without the package `os_signpost`.
    """
    if find_spec("os_signpost") is None:
        raise MissingSignpostError(
            "with_signpost_interval needs the package 'os_signpost', which exists on macOS only. "
            "Install it with: pip install os_signpost"
        )
    check_layers("with_signpost_interval", layer)
    name = layer.name if name is None else name
    original_init = layer.init
    layer.replace_callbacks(
        partial(forward, layer._func, signposter, name),
        init=None if original_init is None else partial(init, original_init, signposter, name),
    )
    return layer


def forward(original, signposter, name, model, X, is_train):
    with signposter.use_interval(f"{name} forward"):
        Y, backprop_layer = original(model, X, is_train)

    def backprop(dY):
        with signposter.use_interval(f"{name} backprop"):
            return backprop_layer(dY)

    return Y, backprop


def init(original, signposter, name, model, X=None, Y=None):
    with signposter.use_interval(f"{name} init"):
        return original(model, X, Y)


class MissingSignpostError(MissingFrameworkError, ValueError):
    """The package of Apple's signposts is not installed. Compatibility: a ValueError too."""
