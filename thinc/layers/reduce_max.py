"""Take the largest value of each column in each sequence."""

from ..config import registry
from ..model import Model
from ..types import Floats2d, Ragged
from ._pool import pool


@registry.layers("reduce_max.v1")
def reduce_max() -> Model[Ragged, Floats2d]:
    """Y[s, j] = max X[i, j] over the rows i of sequence s, which must not be empty.

    X: (rows, width) with lengths.  Y: (sequences, width).
    """
    return pool("reduce_max", _reduce)


def _reduce(ops, X, lengths):
    Y, which = ops.reduce_max(X, lengths)
    return Y, lambda dY: ops.backprop_reduce_max(dY, which, lengths)
