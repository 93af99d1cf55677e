"""Weigh the rows of a sequence by the similarity of their keys to a learnt vector."""

from collections.abc import Callable

from ..config import registry
from ..model import Model
from ..types import Floats2d, Ragged, get_width
from ._attention import attend, like, set_query
from .noop import noop

KEY_TRANSFORM_REF = "key_transform"  # Compatibility: the name of the ref, for those who look for it


@registry.layers("ParametricAttention.v2")
def ParametricAttention_v2(
    *,
    key_transform: Model[Floats2d, Floats2d] | None = None,
    nO: int | None = None,
) -> Model[Ragged, Ragged]:
    """Y = X ⊙ a, a = softmax over each sequence of K Q, K = key_transform(X).

    X, K, Y: (rows, nO).  Parameter Q: (nO,).
    """
    key_transform = noop() if key_transform is None else key_transform
    return Model(
        "para-attn",
        forward,
        init=init,
        params={"Q": None},
        dims={"nO": nO},
        refs={KEY_TRANSFORM_REF: key_transform},
        layers=[key_transform],
    )


def forward(model: Model, Xr: Ragged, is_train: bool) -> tuple[Ragged, Callable]:
    K, backprop_key = model.get_ref(KEY_TRANSFORM_REF)(Xr.data if Xr.data.size else Xr.dataXd, is_train)
    Y, backprop_attend = attend(model, Xr, K)

    def backprop(dYr: Ragged) -> Ragged:
        dX, dK = backprop_attend(dYr.data)
        dX_key = backprop_key(dK)
        return like(Xr, dX + dX_key if dX.size else dX_key)

    return like(Xr, Y), backprop


def init(model, X=None, Y=None):
    key_transform = model.get_ref(KEY_TRANSFORM_REF)
    width = None if X is None else get_width(X)
    if width is not None and key_transform.has_dim("nO"):
        key_transform.set_dim("nO", width)
    set_query(model, width)
    keys = Y
    if keys is None and X is not None:
        keys = X  # K has the width of X, so X tells a layer whose nO is unset.
    key_transform.initialize(X=_data(X), Y=_data(keys))


def _data(Xr):
    return Xr.dataXd if isinstance(Xr, Ragged) else Xr
