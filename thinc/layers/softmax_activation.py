"""Softmax over the last axis, without weights."""

from collections.abc import Callable
from typing import Any

from ..config import registry
from ..model import Model
from ..model.border import locate_gradient
from ..types import FloatsXd


@registry.layers("softmax_activation.v1")
def softmax_activation() -> Model[FloatsXd, Any]:
    """Y = softmax(X); X, Y: (..., nI).  The callback takes the gradient of Y."""
    return Model("softmax_activation", forward)


def forward(model: Model, X: FloatsXd, is_train: bool) -> tuple[FloatsXd, Callable]:
    Y = model.ops.softmax(X)

    def backprop(dY: FloatsXd) -> FloatsXd:
        try:
            return model.ops.backprop_softmax(Y, dY)
        except Exception as error:
            locate_gradient(error, model, dY)
            raise

    return Y, backprop
