"""Refuse what the callback of a wrapped model can't take."""

from typing import Any

import numpy

from ..errors import BackpropError, ContainerError, ShapeError
from ..interop import is_xp_array


def no_backprop(name: str, is_train: bool) -> BackpropError:
    """What the callback of the layer `name` raises where it can't be used."""
    if is_train:
        return BackpropError(
            f"Layer '{name}': this callback was called before and has let go of its activations. "
            "Call begin_update again."
        )
    return BackpropError(f"Layer '{name}' can't backprop after predict. Call it with is_train=True.")


def check_gradient(value: Any, dy: Any, path: str) -> Any:
    """dy as an array of the shape of the output; numbers stand for arrays without axes."""
    if isinstance(dy, (int, float, complex, numpy.generic)):
        dy = numpy.asarray(dy)
    if not is_xp_array(dy):
        raise ContainerError(f"{path} is {type(dy).__name__}. Give it an array, or None for no gradient.")
    if tuple(dy.shape) != tuple(value.shape):
        raise ShapeError(
            f"{path} has shape {tuple(dy.shape)}, its output {tuple(value.shape)}. Give each output one gradient."
        )
    return dy
