"""Take the last row of each sequence."""

from ..config import registry
from ..model import Model
from ..types import Floats2d, Ragged
from ._pool import pool


@registry.layers("reduce_last.v1")
def reduce_last() -> Model[Ragged, Floats2d]:
    """Y[s] = the last row of sequence s, which must not be empty.

    X: (rows, width) with lengths.  Y: (sequences, width).
    """
    return pool("reduce_last", _reduce)


def _reduce(ops, X, lengths):
    Y, last_rows = ops.reduce_last(X, lengths)
    return Y, lambda dY: ops.backprop_reduce_last(dY, last_rows)
