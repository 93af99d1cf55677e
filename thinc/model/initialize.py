"""Functions for the `init` argument of a model."""

from collections.abc import Callable
from typing import Any

from ..types import get_width


def empty_init(model: Any, *args: Any, **kwargs: Any) -> Any:
    """Do nothing; the init of a model that was given none."""
    return model


def create_init(initializers: dict[str, Callable]) -> Callable:
    """An init that takes nI and nO from the batch, then fills the named parameters.

    W has the shape (nO, nI), b has (nO,); any other keeps the shape it has.
    """

    def init(model: Any, X: Any = None, Y: Any = None) -> None:
        for name, batch in (("nI", X), ("nO", Y)):
            if batch is not None and model.has_dim(name) is None:
                model.set_dim(name, get_width(batch))
        for name, initializer in initializers.items():
            model.set_param(name, initializer(model.ops, _shape_of(model, name)))

    return init


def _shape_of(model: Any, name: str) -> tuple:
    if name == "W":
        return model.get_dim("nO"), model.get_dim("nI")
    if name == "b":
        return (model.get_dim("nO"),)
    return model.get_param(name).shape
