"""Feed a layer of Padded from the other containers of sequences."""

from typing import Any

from ..config import registry
from ..model import Model
from ._view import as_padded, through


@registry.layers("with_padded.v1")
def with_padded(layer: Model) -> Model[Any, Any]:
    """The layer sees Padded; lists, Ragged, (time, batch, width) arrays and 4-tuples come back as they came."""
    return through(as_padded, "with_padded", layer)
