"""Add two batches elementwise, in whichever container they come."""

from typing import Any

from ..interop.structures import rebuilt
from ..types import Padded, Ragged

BIG = 4096  # elements: below, new memory costs nothing


def plus(ops: Any, A: Any, B: Any) -> Any:
    """A + B in a new container like that of A; neither argument is changed.

    An empty list or None stands for "no gradient" (layers that read strings).
    """
    array = ops.xp.ndarray
    if isinstance(A, array) and isinstance(B, array):
        return plus_arrays(ops, A, B)
    if is_nothing(A) or is_nothing(B):
        return B if is_nothing(A) else A
    if isinstance(A, Ragged):
        return Ragged(plus_arrays(ops, A.dataXd, bare(B).reshape(A.dataXd.shape)), A.lengths)
    if isinstance(A, Padded):
        return Padded(plus_arrays(ops, A.data, bare(B)), A.size_at_t, A.lengths, A.indices)
    if isinstance(A, (list, tuple)):
        return rebuilt(A, [plus(ops, a, b) for a, b in zip(A, B, strict=True)])
    if hasattr(A, "__add__"):
        return plus_arrays(ops, A, bare(B))
    return A


def plus_arrays(ops: Any, A: Any, B: Any) -> Any:
    """A + B, in memory that the backend keeps for such arrays where it may be of use."""
    array = ops.xp.ndarray
    if A.size < BIG or not (isinstance(A, array) and isinstance(B, array)):
        return A + B
    if A.shape != B.shape or A.dtype != B.dtype:
        return A + B
    return ops.xp.add(A, B, out=ops.alloc(A.shape, dtype=A.dtype, zeros=False))


def is_nothing(X: Any) -> bool:
    """True if X says that there is no gradient."""
    return X is None or (isinstance(X, (list, tuple)) and not X)


def bare(X: Any) -> Any:
    """The array inside a Ragged or Padded."""
    return X.data if isinstance(X, (Ragged, Padded)) else X
