"""Leave out random values in training."""

from collections.abc import Callable
from typing import Any

from ..backends.arrays.reference import BIG
from ..config import registry
from ..model import Model
from ..model.border import locate_gradient
from ..model.checks import check_rate
from ..types import Padded, Ragged


@registry.layers("Dropout.v1")
def Dropout(rate: float = 0.0) -> Model[Any, Any]:
    """In training Y = X ⊙ mask, with mask 0 (probability `rate`) or 1 / (1 - rate).

    X: an array of any shape, a list or tuple of arrays, Ragged or Padded.
    rate: probability in [0, 1], else ValueError.  Srivastava et al. 2014, JMLR 15.
    """
    check_rate(rate)
    attrs = {"dropout_rate": rate, "is_enabled": True}
    return Model("dropout", forward, attrs=attrs)


def forward(model: Model, X: Any, is_train: bool) -> tuple[Any, Callable]:
    rate = model.attrs["dropout_rate"]
    if not (is_train and rate and model.attrs["is_enabled"]):
        return X, pass_on
    masks = draw_masks(model.ops, X, rate)

    def backprop(dY: Any) -> Any:
        try:
            return multiply(model.ops, dY, masks)
        except Exception as error:
            locate_gradient(error, model, dY, type(X))
            raise

    return multiply(model.ops, X, masks), backprop


def pass_on(dY: Any) -> Any:
    """The callback of the identity."""
    return dY


def draw_masks(ops: Any, X: Any, rate: float) -> Any:
    """One mask for an array, Ragged or Padded; one for each item of a list."""
    if isinstance(X, (list, tuple)):
        return [draw_masks(ops, item, rate) for item in X]
    data = X.data if isinstance(X, (Ragged, Padded)) else X
    mask = ops.get_dropout_mask(data.shape, rate)
    # A float32 mask would turn a float16 batch into float32.
    return mask if data.dtype == mask.dtype or data.dtype.kind != "f" else mask.astype(data.dtype)


def multiply(ops: Any, X: Any, masks: Any) -> Any:
    """X ⊙ masks in a container like that of X (a list for a tuple)."""
    if isinstance(X, ops.xp.ndarray):
        return multiply_array(ops, X, masks)
    if isinstance(X, Ragged):
        return X._like(multiply_array(ops, X.data, masks), X.lengths)
    if isinstance(X, Padded):
        return Padded(multiply_array(ops, X.data, masks), X.size_at_t, X.lengths, X.indices)
    if isinstance(X, (list, tuple)):
        return [multiply(ops, item, mask) for item, mask in zip(X, masks)]
    return multiply_array(ops, X, masks)


def multiply_array(ops: Any, X: Any, mask: Any) -> Any:
    """X ⊙ mask, a big product in memory from the pool."""
    if X.size < BIG or X.dtype != mask.dtype:
        return X * mask
    return ops.xp.multiply(X, mask, out=ops.alloc(X.shape, dtype=X.dtype, zeros=False))
