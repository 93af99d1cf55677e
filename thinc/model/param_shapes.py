"""Which shape the params of our own layers have, by the dims of the layer.

Source: the upstream file format, in which the shape of each array must follow from the dims.
A layer of somebody else may lay its params out otherwise, so nothing is said about those.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

# (dims of the node, name of the param) -> the dims along its axes.
_AXES: dict[tuple[frozenset[str], str], tuple[str, ...]] = {
    (frozenset({"nO", "nI"}), "W"): ("nO", "nI"),
    (frozenset({"nO", "nI"}), "b"): ("nO",),
    (frozenset({"nO", "nP", "nI"}), "W"): ("nO", "nP", "nI"),
    (frozenset({"nO", "nP", "nI"}), "b"): ("nO", "nP"),
    (frozenset({"nO", "nI"}), "G"): ("nI",),
    (frozenset({"nO"}), "Q"): ("nO",),
    (frozenset({"nO", "nV"}), "E"): ("nV", "nO"),
    (frozenset({"nO", "nV", "nI"}), "E"): ("nV", "nO"),
}
_MODULES = frozenset(
    f"thinc.layers.{name}"
    for name in """
    _affine clipped_linear dish embed gelu hard_swish hard_swish_mobilenet hashembed layernorm linear maxout
    mish multisoftmax parametricattention parametricattention_v2 relu sigmoid softmax swish
    """.split()
)


def expected_shape(forward: Callable, dims: dict[str, Any], name: str) -> tuple[int, ...] | None:
    """The shape of the param, or None where it isn't known."""
    while isinstance(forward, partial):
        forward = forward.func
    if getattr(forward, "__module__", None) not in _MODULES:
        return None
    axes = _AXES.get((frozenset(dims), name))
    if axes is None or any(dims[axis] is None for axis in axes):
        return None
    return tuple(dims[axis] for axis in axes)
