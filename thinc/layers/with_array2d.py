"""Feed a layer of 2d arrays from containers of sequences."""

from typing import Any

from ..config import registry
from ..model import Model
from ._view import as_array2d, is_array, through


@registry.layers("with_array2d.v1")
def with_array2d(layer: Model, pad: int = 0) -> Model[Any, Any]:
    """The layer sees (rows, width) always; the padding rows of Padded are among them.

    pad: rows of zeros around each item of a list, so that windows see no neighbours.
    """
    return through(
        _as_spaced_array2d, is_array, "with_array", layer,
        attrs={"pad": pad}, update_dims=True, init_view=as_array2d,
    )  # fmt: skip


def _as_spaced_array2d(model, X):
    return as_array2d(model, X, pad=model.attrs["pad"])
