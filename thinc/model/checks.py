"""Refuse what can't be a part of a model, when it is given and not batches later."""

from collections.abc import Iterable, Mapping
from numbers import Real
from operator import index
from typing import Any

from ..errors import ContainerError, ShapeError
from ..types.check import describe


def as_size(model: str, dim: str, value: Any) -> int | None:
    """The value of a dim: None, or a whole number of at least 0, a plain int whatever came.

    ShapeError: it is neither.
    """
    if value is None:
        return None
    try:
        size = index(value)
    except TypeError:
        size = -1
    if size < 0:
        raise ShapeError(f"The dim {dim!r} of model {model!r} can't be {value!r}: give it a whole number, 0 or more.")
    return size


def as_sizes(model: str, dims: Mapping[str, Any]) -> dict[str, int | None]:
    """`as_size` of each of the dims."""
    return {dim: value if value is None else as_size(model, dim, value) for dim, value in dims.items()}


def as_children(model: str, layers: Iterable[Any], kind: type) -> list[Any]:
    """The layers as a list.  ContainerError: one of them is not of `kind`."""
    children = list(layers)
    for i, layer in enumerate(children):
        if not isinstance(layer, kind):
            raise ContainerError(f"Model {model!r}: layer {i} is {describe(layer)}, wants a Model.")
    return children


def check_rate(rate: Any) -> None:
    """Raises ValueError for a dropout rate that is no probability; None stands for 0."""
    if rate is not None and not (isinstance(rate, Real) and 0 <= float(rate) <= 1):
        raise ValueError(f"The dropout rate can't be {rate!r}: give it a number from 0 to 1.")
