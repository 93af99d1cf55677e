"""Feed a layer of lists from Ragged and Padded."""

from typing import Any

from ..config import registry
from ..model import Model
from ._view import as_list, through


@registry.layers("with_list.v1")
def with_list(layer: Model) -> Model[Any, Any]:
    """The layer sees one array per sequence; other containers pass unchanged."""
    return through(as_list, "with_list", layer)
