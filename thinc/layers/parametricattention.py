"""Weigh the rows of a sequence by their similarity to a learnt vector."""

from collections.abc import Callable

from ..config import registry
from ..model import Model
from ..types import Ragged, get_width
from ._attention import attend, like, set_query


@registry.layers("ParametricAttention.v1")
def ParametricAttention(nO: int | None = None) -> Model[Ragged, Ragged]:
    """Y = X ⊙ a, a = softmax over each sequence of X Q.

    X, Y: (rows, nO).  Parameter Q: (nO,).  Yang et al. 2016, "Hierarchical attention", eq. 5-7.
    """
    return Model("para-attn", forward, init=init, params={"Q": None}, dims={"nO": nO})


def forward(model: Model, Xr: Ragged, is_train: bool) -> tuple[Ragged, Callable]:
    Y, backprop_attend = attend(model, Xr, Xr.data)

    def backprop(dYr: Ragged) -> Ragged:
        dX, dK = backprop_attend(dYr.data)
        return like(Xr, dX + dK)

    return like(Xr, Y), backprop


def init(model, X=None, Y=None):
    set_query(model, None if X is None else get_width(X))
