"""Pad a list of arrays to one length, time first."""

from collections.abc import Callable

from ..config import registry
from ..model import Model
from ..types import Floats2d, Padded


@registry.layers("list2padded.v1")
def list2padded() -> Model[list[Floats2d], Padded]:
    """Pad a list of arrays to one length, time first. No parameters."""
    return Model("list2padded", forward)


def forward(model: Model, X: list[Floats2d], is_train: bool) -> tuple[Padded, Callable]:
    ops = model.ops

    def backprop(dY: Padded) -> list[Floats2d]:
        return ops.padded2list(dY)

    return ops.list2padded(X), backprop
