"""Feed a layer of Ragged from the other containers of sequences."""

from typing import Any

from ..config import registry
from ..model import Model
from ._view import as_ragged, through


@registry.layers("with_ragged.v1")
def with_ragged(layer: Model) -> Model[Any, Any]:
    """The layer sees Ragged; lists, Padded and (data, lengths) tuples come back as they came."""
    return through(as_ragged, "with_ragged", layer, dims=False)
