"""Chain copies of a layer."""

from typing import Any

from ..config import registry
from ..model import Model
from .chain import chain
from .noop import noop


@registry.layers("clone.v1")
def clone(orig: Model, n: int) -> Model[Any, Any]:
    """`orig` and n - 1 copies of it, one after the other; n = 0 changes nothing."""
    if n < 0:
        raise ValueError(f"clone({orig.name}): n must be 0 or more, got {n}.")
    if n == 0:
        return noop()
    if n == 1:
        return orig
    return chain(orig, *(orig.copy() for _ in range(n - 1)))
