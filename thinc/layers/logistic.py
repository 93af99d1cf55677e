"""Logistic function without weights, for 2-d batches."""

from collections.abc import Callable

from ..config import registry
from ..model import Model
from ..types import Floats2d


@registry.layers("Logistic.v1")
def Logistic() -> Model[Floats2d, Floats2d]:
    """Y = σ(X) = 1 / (1 + exp -X); X, Y: (nB, nI)."""
    return Model("logistic", forward)


def forward(model: Model, X: Floats2d, is_train: bool) -> tuple[Floats2d, Callable]:
    Y = model.ops.sigmoid(X)

    def backprop(dY: Floats2d) -> Floats2d:
        return dY * Y * (1 - Y)

    return Y, backprop
