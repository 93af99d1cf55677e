"""Concatenate a list of arrays and keep their lengths."""

from collections.abc import Callable

from ..config import registry
from ..model import Model
from ..model.border import locate_gradient
from ..types import ListXd, Ragged


@registry.layers("list2ragged.v1")
def list2ragged() -> Model[ListXd, Ragged]:
    """Concatenate a list of arrays and keep their lengths. No parameters."""
    return Model("list2ragged", forward)


def forward(model: Model, X: ListXd, is_train: bool) -> tuple[Ragged, Callable]:
    ops = model.ops
    lengths = ops.asarray1i([len(x) for x in X])

    def backprop(dY: Ragged) -> ListXd:
        try:
            return ops.unflatten(dY.dataXd, dY.lengths)
        except Exception as error:
            locate_gradient(error, model, dY, Ragged)
            raise

    return Ragged(ops.flatten(X), lengths), backprop
