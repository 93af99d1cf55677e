"""Split a padded batch into its sequences, in their original order."""

from collections.abc import Callable
from functools import partial

from ..config import registry
from ..model import Model
from ..types import Floats2d, Padded
from ._view import repad


@registry.layers("padded2list.v1")
def padded2list() -> Model[Padded, list[Floats2d]]:
    """Split a padded batch into its sequences, in their original order. No parameters."""
    return Model("padded2list", forward)


def forward(model: Model, X: Padded, is_train: bool) -> tuple[list[Floats2d], Callable]:
    return model.ops.padded2list(X), partial(repad, model.ops, X)
