"""Average the rows of each sequence."""

from ..config import registry
from ..model import Model
from ..types import Floats2d, Ragged
from ._pool import pool


@registry.layers("reduce_mean.v1")
def reduce_mean() -> Model[Ragged, Floats2d]:
    """Y[s] = Σ X[i] / length[s] over the rows i of sequence s; a zero row for an empty one.

    X: (rows, width) with lengths.  Y: (sequences, width).
    """
    return pool("reduce_mean", _reduce)


def _reduce(ops, X, lengths):
    return ops.reduce_mean(X, lengths), lambda dY: ops.backprop_reduce_mean(dY, lengths)
