"""Take the first row of each sequence."""

from ..config import registry
from ..model import Model
from ..types import Floats2d, Ragged
from ._pool import pool


@registry.layers("reduce_first.v1")
def reduce_first() -> Model[Ragged, Floats2d]:
    """Y[s] = the first row of sequence s, which must not be empty.

    X: (rows, width) with lengths.  Y: (sequences, width).
    """
    return pool("reduce_first", _reduce)


def _reduce(ops, X, lengths):
    Y, starts_ends = ops.reduce_first(X, lengths)
    return Y, lambda dY: ops.backprop_reduce_first(dY, starts_ends)
