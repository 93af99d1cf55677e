"""Similarity of two vectors by a weighted squared distance."""

from collections.abc import Callable
from typing import Any

from ..config import registry
from ..model import Model
from ..types import Floats1d, Floats2d, get_width


@registry.layers("CauchySimilarity.v1")
def CauchySimilarity(
    nI: int | None = None,
) -> Model[tuple[Floats2d, Floats2d], Floats1d]:
    """Y[b] = 1 / (1 + Σᵢ W[i] · (X₁[b, i] - X₂[b, i])²).

    X: (X₁, X₂), both (nB, nI); Y: (nB,).  Parameter W: (nI,), ones at the start.
    """
    return Model(
        "cauchy_similarity",
        forward,
        init=init,
        dims={"nI": nI, "nO": 1},
        params={"W": None},
    )


def forward(model: Model, X: tuple[Floats2d, Floats2d], is_train: bool) -> tuple[Floats1d, Callable]:
    W = model.get_param("W")
    difference = X[0] - X[1]
    square = difference * difference
    Y = 1 / (1 + (square * W).sum(axis=1))

    def backprop(dY: Floats1d) -> tuple[Floats2d, Floats2d]:
        d_total = (-dY * Y * Y).reshape((-1, 1))
        model.inc_grad("W", (d_total * square).sum(axis=0))
        dX = d_total * (2 * W * difference)
        return dX, -dX

    return Y, backprop


def init(model: Model, X: Any = None, Y: Any = None) -> None:
    if X is not None:
        model.set_dim("nI", get_width(X[0]))
    model.set_param("W", model.ops.alloc1f(model.get_dim("nI")) + 1)
