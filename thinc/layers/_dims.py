"""Hand sizes down from a combinator to its layers, and up again."""

from collections.abc import Sequence
from typing import Any

from ..errors import ShapeError
from ..model import Model
from ..types import get_width


def copy_dims(model: Model, layer: Model, names: Sequence[str] = ("nO", "nI")) -> None:
    """Set the dims of `model` to those that `layer` has set."""
    for name in names:
        if layer.has_dim(name) and model.has_dim(name) is not False:
            model.set_dim(name, layer.get_dim(name))


def parallel_dims(layers: Sequence[Model]) -> dict[str, int | None]:
    """Dims of a node whose layers all read the same input."""
    dims: dict[str, int | None] = {"nO": None}
    if all(layer.has_dim("nI") is not False for layer in layers):
        dims["nI"] = None
    return dims


def check_widths(what: str, widths: list[int]) -> None:
    """Raises ShapeError where arrays of these widths can't be added: NumPy would stretch a width of 1."""
    if len(set(widths)) > 1:
        raise ShapeError(f"{what} have the widths {', '.join(map(str, widths))}. Give them one width.")


def spread_dim(model: Model, name: str, X: Any) -> None:
    """Set a dim of `model` and of each layer that has it to the width of X.

    Nothing happens where `model` has no such dim: X may then have no width, as a list of documents.
    """
    if X is None or model.has_dim(name) is False:
        return
    width = get_width(X)
    for node in (model, *model.layers):
        if node.has_dim(name) is not False:
            node.set_dim(name, width)
