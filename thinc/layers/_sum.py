"""Add two batches elementwise, in whichever container they come."""

from typing import Any

from ..interop.structures import rebuilt
from ..types import Padded, Ragged


def plus(ops: Any, A: Any, B: Any) -> Any:
    """A + B in a new container like that of A; neither argument is changed.

    An empty list or None stands for "no gradient" (layers that read strings).
    """
    kind = type(A)
    if kind is type(B):  # as nearly always
        if kind is ops.xp.ndarray:
            return ops._plus(A, B)
        if kind is Ragged:
            return A._like(ops._plus(A.data, B.data), A.lengths)
        if kind is list and 0 < len(A) == len(B):
            return [plus(ops, a, b) for a, b in zip(A, B)]
    if is_nothing(A) or is_nothing(B):
        return B if is_nothing(A) else A
    if isinstance(A, Ragged):
        return A._like(plus(ops, A.data, bare(B)), A.lengths)
    if isinstance(A, Padded):
        return Padded(plus(ops, A.data, bare(B)), A.size_at_t, A.lengths, A.indices)
    if isinstance(A, (list, tuple)):
        return rebuilt(A, [plus(ops, a, b) for a, b in zip(A, B, strict=True)])
    return A + bare(B) if hasattr(A, "__add__") else A


def is_nothing(X: Any) -> bool:
    """True if X says that there is no gradient."""
    return X is None or (isinstance(X, (list, tuple)) and not X)


def bare(X: Any) -> Any:
    """The array inside a Ragged or Padded."""
    return X.data if isinstance(X, (Ragged, Padded)) else X
