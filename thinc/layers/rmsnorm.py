"""Scale every row to a root mean square of 1, then by a learnt gain."""

from collections.abc import Callable
from typing import Any

from ..config import registry
from ..model import Model
from ..model.border import locate_gradient
from ..types import Floats2d, get_width


@registry.layers("RMSNorm.v1")
def RMSNorm(nI: int | None = None, *, eps: float = 1e-8) -> Model[Floats2d, Floats2d]:
    """Y = X / √(mean(X²) + ε) ⊙ G, the mean over each row.

    X, Y: (nB, nI).  Parameter G: (nI,), at first 1.  Zhang and Sennrich 2019, arXiv:1910.07467.

    >>> import numpy
    >>> model = RMSNorm().initialize(X=numpy.ones((2, 3), dtype="f"))
    >>> model.predict(numpy.asarray([[3.0, -3.0, 3.0]], dtype="f")).tolist()
    [[1.0, -1.0, 1.0]]
    """
    return Model(
        "rmsnorm", forward, init=init, dims={"nI": nI, "nO": nI}, params={"G": None}, attrs={"eps": eps}
    )  # fmt: skip


def forward(model: Model, X: Floats2d, is_train: bool) -> tuple[Floats2d, Callable]:
    G = model.get_param("G")
    wide = X.astype("float32") if X.dtype == "float16" else X  # squares overflow float16
    inverse = ((wide * wide).mean(axis=-1, keepdims=True) + model.attrs["eps"]) ** -0.5
    normed = wide * inverse

    def backprop(dY: Floats2d) -> Floats2d:
        try:
            axes = tuple(range(dY.ndim - 1))
            model.inc_grad("G", (dY * normed).sum(axis=axes).astype(G.dtype, copy=False))
            dN = dY * G
            dX = (dN - normed * (dN * normed).mean(axis=-1, keepdims=True)) * inverse
            return dX.astype(dY.dtype, copy=False)
        except Exception as error:
            locate_gradient(error, model, dY)
            raise

    return (normed * G).astype(X.dtype, copy=False), backprop


def init(model: Model, X: Any = None, Y: Any = None) -> None:
    if X is not None or Y is not None:
        width = get_width(X if X is not None else Y)
        model.set_dim("nI", width)
        model.set_dim("nO", width)
    nI = model.get_dim("nI")
    model.set_dim("nO", nI)
    model.set_param("G", model.ops.alloc1f(nI) + 1)
