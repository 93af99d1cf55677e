"""Feed a layer of Ragged from the other containers of sequences."""

from collections.abc import Callable
from typing import Any

from ..config import registry
from ..model import Model
from ..types import ArrayXd, Ints1d, Padded, Ragged
from . import _view
from ._view import as_ragged, is_ragged, through

Sequences = Padded | Ragged | list | tuple[ArrayXd, Ints1d]


@registry.layers("with_ragged.v1")
def with_ragged(layer: Model[Ragged, Any]) -> Model[Any, Any]:
    """The layer sees Ragged; lists, Padded and (data, lengths) tuples come back as they came."""
    return through(as_ragged, is_ragged, "with_ragged", layer, checked=forward, dims=False)


def forward(model: Model, X: Sequences, is_train: bool) -> tuple[Any, Callable]:
    return _view.forward(as_ragged, is_ragged, model, X, is_train)
