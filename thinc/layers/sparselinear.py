"""Linear models over hashed sparse features."""

from collections.abc import Callable

from ..config import registry
from ..model import Model
from ..model.gradients import add_to_grad
from ..types import Floats1d, Floats2d, Ints1d, get_width

Sparse = tuple[Ints1d, Floats1d, Ints1d]


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
    W, b = model.get_param("W"), model.get_param("b")
    return model.ops.sparse_affine(W, b, *X, *_scheme(model)), _Backprop(model, X)


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
        model, X = self.model, self.X
        scheme = _scheme(model)
        add_to_grad(model, "W", lambda dW: model.ops.backprop_sparse_affine(dY, *X, *scheme, dW))
        model.inc_grad("b", dY.sum(axis=0))
        return X


def _scheme(model):
    """(length, shared): how hashes find their weights."""
    return model.get_dim("length"), model.attrs["v1_indexing"]
