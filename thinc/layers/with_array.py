"""Feed a layer of arrays from containers of sequences."""

from typing import Any

from ..config import registry
from ..model import Model
from ._view import as_array, as_spaced_array, is_array, through


@registry.layers("with_array.v1")
def with_array(layer: Model, pad: int = 0) -> Model[Any, Any]:
    """The layer sees all rows: (rows, ...) of lists and Ragged, (time, batch, ...) of Padded.

    pad: rows of zeros around each item of a list, so that windows see no neighbours.
    """
    return through(
        as_spaced_array, is_array, "with_array", layer,
        attrs={"pad": pad}, update_dims=True, init_view=as_array,
    )  # fmt: skip
