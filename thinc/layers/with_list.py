"""Feed a layer of lists from Ragged and Padded."""

from collections.abc import Callable
from typing import Any

from ..config import registry
from ..model import Model
from ..types import Padded, Ragged
from . import _view
from ._view import as_list, is_list, through

Sequences = Padded | Ragged | list


@registry.layers("with_list.v1")
def with_list(layer: Model[list[Any], Any]) -> Model[Any, Any]:
    """The layer sees one array per sequence; other containers pass unchanged."""
    return through(as_list, is_list, "with_list", layer, checked=forward)


def forward(model: Model, X: Sequences, is_train: bool) -> tuple[Any, Callable]:
    return _view.forward(as_list, is_list, model, X, is_train)
