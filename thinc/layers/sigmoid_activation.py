"""Logistic function without weights, for any number of axes."""

from collections.abc import Callable
from typing import Any

from ..config import registry
from ..model import Model
from ..types import FloatsXd


@registry.layers("sigmoid_activation.v1")
def sigmoid_activation() -> Model[FloatsXd, Any]:
    """Y = σ(X), for any number of axes."""
    return Model("sigmoid_activation", forward)


def forward(model: Model, X: FloatsXd, is_train: bool) -> tuple[FloatsXd, Callable]:
    Y = model.ops.sigmoid(X)

    def backprop(dY: FloatsXd) -> FloatsXd:
        return dY * Y * (1 - Y)

    return Y, backprop
