"""Feed a layer of Padded from the other containers of sequences."""

from collections.abc import Callable
from typing import Any

from ..config import registry
from ..model import Model
from ..types import ArrayXd, Ints1d, Padded, Ragged
from . import _view
from ._view import as_padded, is_padded, through

Sequences = Padded | Ragged | list | ArrayXd | tuple[ArrayXd, Ints1d, Ints1d, Ints1d]


@registry.layers("with_padded.v1")
def with_padded(layer: Model[Padded, Any]) -> Model[Any, Any]:
    """The layer sees Padded; lists, Ragged, (time, batch, width) arrays and 4-tuples come back as they came."""
    return through(as_padded, is_padded, "with_padded", layer, checked=forward)


def forward(model: Model, X: Sequences, is_train: bool) -> tuple[Any, Callable]:
    return _view.forward(as_padded, is_padded, model, X, is_train)
