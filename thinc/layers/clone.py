"""Chain copies of a layer."""

from operator import index
from typing import TypeVar

from ..config import registry
from ..model import Model
from ._check import check_layers
from .chain import chain_no_types
from .noop import noop

InT = TypeVar("InT")
OutT = TypeVar("OutT")


@registry.layers("clone.v1")
def clone(orig: Model[InT, OutT], n: int) -> Model[InT, OutT]:
    """`orig` and n - 1 copies of it, one after the other; n = 0 changes nothing."""
    check_layers("clone", orig)
    if index(n) < 0:
        raise ValueError(f"clone({orig.name}): n must be 0 or more, got {n}.")
    if n == 0:
        return noop()
    if n == 1:
        return orig
    return chain_no_types(orig, *(orig.copy() for _ in range(n - 1)))
