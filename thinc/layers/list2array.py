"""Concatenate a list of arrays along the first axis."""

from collections.abc import Callable
from typing import Any

from ..config import registry
from ..model import Model
from ..model.border import locate_gradient
from ..types import ArrayXd, ListXd


@registry.layers("list2array.v1")
def list2array() -> Model[ListXd, Any]:
    """Concatenate a list of arrays along the first axis. No parameters."""
    return Model("list2array", forward)


def forward(model: Model, X: ListXd, is_train: bool) -> tuple[ArrayXd, Callable]:
    ops = model.ops
    lengths = ops.asarray1i([len(x) for x in X])

    def backprop(dY: ArrayXd) -> ListXd:
        try:
            return ops.unflatten(dY, lengths)
        except Exception as error:
            locate_gradient(error, model, dY)
            raise

    return ops.flatten(X), backprop
