"""Add two batches elementwise, in whichever container they come."""

from typing import Any

from ..types import Padded, Ragged


def plus(A: Any, B: Any) -> Any:
    """A + B in a new container like that of A; neither argument is changed.

    An empty list or None stands for "no gradient" (layers that read strings).
    """
    if is_nothing(A) or is_nothing(B):
        return B if is_nothing(A) else A
    if isinstance(A, Ragged):
        return Ragged((A.data + bare(B)).reshape(A.dataXd.shape), A.lengths)
    if isinstance(A, Padded):
        return Padded(A.data + bare(B), A.size_at_t, A.lengths, A.indices)
    if isinstance(A, (list, tuple)):
        return type(A)(plus(a, b) for a, b in zip(A, B, strict=True))
    if hasattr(A, "__add__"):
        return A + bare(B)
    return A


def is_nothing(X: Any) -> bool:
    """True if X says that there is no gradient."""
    return X is None or (isinstance(X, (list, tuple)) and not X)


def bare(X: Any) -> Any:
    """The array inside a Ragged or Padded."""
    return X.data if isinstance(X, (Ragged, Padded)) else X
