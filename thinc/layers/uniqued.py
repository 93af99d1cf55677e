"""Run a layer once for equal rows."""

from collections.abc import Callable
from typing import Any

import numpy

from ..backends._known import known
from ..config import registry
from ..model import Model
from ..types import Floats2d, Ints2d
from ._check import check_layers
from ._dims import copy_dims


@registry.layers("uniqued.v1")
def uniqued(layer: Model, *, column: int = 0) -> Model[Ints2d, Floats2d]:
    """Y = layer(X), where rows with the same id in `column` are computed once.

    X: (n, columns) ids; Y: (n, nO).
    """
    check_layers("uniqued", layer)
    return Model(
        f"uniqued({layer.name})",
        forward,
        init=init,
        layers=[layer],
        dims={"nO": None, "nI": None},
        attrs={"column": column},
    )


def forward(model: Model, X: Ints2d, is_train: bool) -> tuple[Floats2d, Callable]:
    ops, layer = model.ops, model.layers[0]
    if X.size < 2:
        return layer(X, is_train=is_train)
    column = model.attrs["column"]
    host = known(X).host
    keys = ops.to_numpy(X[:, column]) if host is None else host[:, column]
    _, first, inverse, counts = numpy.unique(keys, return_index=True, return_inverse=True, return_counts=True)
    first, counts = ops.asarray(first), ops.asarray(counts)
    inverse = ops.asarray1i(inverse.reshape((-1,)))
    Y_unique, backprop_layer = layer(X[first], is_train=is_train)

    def backprop(dY: Floats2d) -> Any:
        flat = ops.as_contig(dY.reshape((dY.shape[0], -1)))
        d_unique = ops.alloc((len(counts), flat.shape[1]), dtype=dY.dtype)
        ops.scatter_add(d_unique, inverse, flat)
        dX = backprop_layer(d_unique.reshape((-1, *dY.shape[1:])))
        return (dX / counts.reshape((-1,) + (1,) * (dX.ndim - 1)))[inverse]

    return Y_unique[inverse], backprop


def init(model: Model, X: Ints2d | None = None, Y: Floats2d | None = None) -> None:
    model.layers[0].initialize(X=X, Y=Y)
    copy_dims(model, model.layers[0])
