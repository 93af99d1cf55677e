"""Normalize every feature over the batch, then scale and shift it."""

from collections.abc import Callable
from typing import Any

from ..config import registry
from ..model import Model
from ..types import Floats2d, Padded, Ragged
from ._rows import as_rows, set_widths

Batch = Floats2d | Ragged | Padded | list[Floats2d]


@registry.layers("BatchNorm.v1")
def BatchNorm(nI: int | None = None, *, momentum: float = 0.1, eps: float = 1e-5) -> Model[Batch, Batch]:
    """Y = (X − μ) / √(v + ε) ⊙ G + b, with mean μ and variance v of each feature.

    In training μ and v are those of the batch, and the running statistics follow by
    r += momentum · (new − r), the variance with n − 1. In prediction the running ones are used.
    X, Y: (n, nI), or Ragged, Padded or a list, of which padding doesn't count.
    Parameters G, b: (nI,).  mean, variance: (nI,), saved with the model and without gradient;
    frozen, they stay as they are and are used in training too.
    Ioffe and Szegedy 2015, arXiv:1502.03167, algorithms 1 and 2.

    >>> import numpy
    >>> X = numpy.asarray([[0.0, 2.0], [4.0, 2.0]], dtype="f")
    >>> model = BatchNorm(momentum=0.5).initialize(X=X)
    >>> Y, backprop = model.begin_update(X)
    >>> Y.round(2).tolist(), model.get_param("mean").tolist()
    ([[-1.0, 0.0], [1.0, 0.0]], [1.0, 1.0])
    """
    return Model(
        "batchnorm",
        forward,
        init=init,
        dims={"nI": nI, "nO": nI},
        params={"G": None, "b": None, "mean": None, "variance": None},
        attrs={"momentum": momentum, "eps": eps},
    )


def forward(model: Model, X: Batch, is_train: bool) -> tuple[Batch, Callable]:
    rows = as_rows(model, X, "nI")
    learns = is_train and len(rows.X) > 0 and not (model.is_frozen("mean") or model.is_frozen("variance"))
    wide = rows.X.astype("float32") if rows.X.dtype == "float16" else rows.X
    mean, variance = _measure(model, wide) if learns else (model.get_param("mean"), model.get_param("variance"))
    inverse = (variance + model.attrs["eps"]) ** -0.5
    normed, G = (wide - mean) * inverse, model.get_param("G")
    Y = (normed * G + model.get_param("b")).astype(rows.X.dtype, copy=False)

    def backprop(dY: Batch) -> Batch:
        d_rows = as_rows(model, dY, "nO")
        dN = d_rows.X * G
        model.inc_grad("b", d_rows.X.sum(axis=0).astype(G.dtype, copy=False))
        model.inc_grad("G", (d_rows.X * normed).sum(axis=0).astype(G.dtype, copy=False))
        if learns:
            dN = dN - dN.mean(axis=0) - normed * (dN * normed).mean(axis=0)
        return d_rows.restore((dN * inverse).astype(d_rows.X.dtype, copy=False))

    return rows.restore(Y), backprop


def init(model: Model, X: Any = None, Y: Any = None) -> None:
    batch = X if X is not None else Y
    set_widths(model, nI=batch, nO=batch)
    nI = model.get_dim("nI")
    model.set_dim("nO", nI)
    for name, value in (("G", 1), ("b", 0), ("mean", 0), ("variance", 1)):
        model.set_param(name, model.ops.alloc1f(nI) + value)


def _measure(model: Model, X: Floats2d) -> tuple[Any, Any]:
    """Mean and variance of the batch, after the running ones have taken note of them."""
    n, rate = len(X), model.attrs["momentum"]
    mean = X.mean(axis=0)
    variance = ((X - mean) ** 2).mean(axis=0)
    unbiased = variance * (n / max(1, n - 1))
    for name, new in (("mean", mean), ("variance", unbiased)):
        running = model.get_param(name)
        model.set_param(name, (running + rate * (new - running)).astype(running.dtype, copy=False))
    return mean, variance
