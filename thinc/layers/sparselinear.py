"""Linear models over hashed sparse features."""

from collections.abc import Callable

import numpy

from ..backends.lookup.murmur import mm3_32
from ..config import registry
from ..interop import to_numpy
from ..model import Model
from ..types import ArrayXd, Floats2d, get_width

Sparse = tuple[ArrayXd, ArrayXd, ArrayXd]


@registry.layers("SparseLinear.v1")
def SparseLinear(nO: int | None = None, length: int = 2**18) -> Model[Sparse, Floats2d]:
    """Y[d, c] = b[c] + Σ W[h & (length − 1) + c] · value over the features of d and their hashes h.

    X: (keys uint64, values float32, lengths int32).  Parameters W: (nO · length,), b: (nO,).
    Compatibility: the classes share weights, as in files of upstream; SparseLinear_v2 does not.
    """
    return _sparse_linear(nO, length, v1_indexing=True)


@registry.layers("SparseLinear.v2")
def SparseLinear_v2(nO: int | None = None, length: int = 2**18) -> Model[Sparse, Floats2d]:
    """Y[d, c] = b[c] + Σ W[c · length + h % length] · value over the features of d and their hashes h.

    X: (keys uint64, values float32, lengths int32).  Parameters W: (nO · length,), b: (nO,).
    """
    return _sparse_linear(nO, length, v1_indexing=False)


def _sparse_linear(nO, length, *, v1_indexing):
    return Model(
        "sparse_linear",
        forward,
        init=init,
        params={"W": None, "b": None},
        dims={"nO": nO, "length": length},
        attrs={"v1_indexing": v1_indexing},
    )


def forward(model: Model, X: Sparse, is_train: bool) -> tuple[Floats2d, Callable]:
    return _scores(model, X), _Backprop(model, X)


def init(model, X=None, Y=None):
    if Y is not None:
        model.set_dim("nO", get_width(Y))
    nO, length = model.get_dim("nO"), model.get_dim("length")
    model.set_param("W", model.ops.alloc1f(nO * length))
    model.set_param("b", model.ops.alloc1f(nO))


class _Backprop:
    """The callback, as an object because forward's result must be picklable."""

    def __init__(self, model, X):
        self.model, self.X = model, X

    def __call__(self, dY: Floats2d) -> Sparse:
        model, xp = self.model, self.model.ops.xp
        d_scores = to_numpy(dY)
        rows, docs, values = _features(self.X, model)
        amounts = d_scores[docs] * values[:, None]
        size = model.get_param("W").size
        dW = _count(rows, amounts, size)
        model.inc_grad("W", xp.asarray(dW, dtype="f"))
        model.inc_grad("b", xp.asarray(d_scores.sum(axis=0), dtype="f"))
        return self.X


def _scores(model, X):
    W, b = to_numpy(model.get_param("W")), to_numpy(model.get_param("b"))
    rows, docs, values = _features(X, model)
    Y = numpy.zeros((len(X[2]), b.size), dtype="f") + b
    numpy.add.at(Y, docs, W[rows] * values[:, None])
    return model.ops.xp.asarray(Y)


def _features(X, model):
    """Where each (hash, feature) finds its weights (n, nO), its document (n,), its value (n,)."""
    keys, values, lengths = (to_numpy(x) for x in X)
    keys = keys.astype("uint64", copy=False)
    hashes = numpy.concatenate([mm3_32(keys, 0), mm3_32(keys, 1)]).astype("int64")
    nO, length = model.get_dim("nO"), model.get_dim("length")
    classes = numpy.arange(nO)
    if model.attrs["v1_indexing"]:
        rows = (hashes & (length - 1))[:, None] + classes
    else:
        rows = (hashes % length)[:, None] + classes * length
    docs = numpy.repeat(numpy.arange(len(lengths)), lengths)
    n = len(docs)
    both = numpy.concatenate([numpy.arange(n), numpy.arange(n) + len(keys)])
    return rows[both], numpy.tile(docs, 2), numpy.tile(values[:n], 2)


def _count(rows, amounts, size):
    """(size,): the sum of the amounts that fall on each weight."""
    return numpy.bincount(rows.ravel(), weights=amounts.ravel(), minlength=size)
