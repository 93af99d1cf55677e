"""Split a Ragged into one array per sequence."""

from collections.abc import Callable
from typing import Any

from ..config import registry
from ..model import Model
from ..types import ListXd, Ragged


@registry.layers("ragged2list.v1")
def ragged2list() -> Model[Ragged, list[Any]]:
    """Split a Ragged into one array per sequence. No parameters."""
    return Model("ragged2list", forward)


def forward(model: Model, X: Ragged, is_train: bool) -> tuple[ListXd, Callable]:
    ops = model.ops

    def backprop(dY: ListXd) -> Ragged:
        return Ragged(ops.flatten(dY), X.lengths)

    return ops.unflatten(X.dataXd, X.lengths), backprop
