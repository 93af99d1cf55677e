"""Normalize every row to mean 0 and variance 1, then scale and shift it."""

from collections.abc import Callable
from typing import Any

from ..config import registry
from ..model import Model
from ..model.border import locate_gradient
from ..types import Floats2d, get_width

EPS = 1e-8


@registry.layers("LayerNorm.v1")
def LayerNorm(nI: int | None = None, *, eps: float = EPS) -> Model[Floats2d, Floats2d]:
    """Y = (X - μ) / √(v + eps) ⊙ G + b, with mean μ and variance v of each row.

    X, Y: (nB, nI).  Parameters G, b: (nI,).  Ba et al. 2016, arXiv:1607.06450.
    """
    return Model(
        "layernorm",
        forward,
        init=init,
        dims={"nI": nI, "nO": nI},
        params={"G": None, "b": None},
        attrs={} if eps == EPS else {"eps": eps},  # files of the published library have no such attr
    )


def forward(model: Model, X: Floats2d, is_train: bool) -> tuple[Floats2d, Callable]:
    ops, G = model.ops, model.get_param("G")
    Y, mu, s = ops.layernorm(X, G, model.get_param("b"), model.attrs.get("eps", EPS))

    def backprop(dY: Floats2d) -> Floats2d:
        try:
            dX, dG, db = ops.backprop_layernorm(dY, X, mu, s, G)
            model.inc_grad("b", db)
            model.inc_grad("G", dG)
            return dX
        except Exception as error:
            locate_gradient(error, model, dY)
            raise

    return Y, backprop


def init(model: Model, X: Any = None, Y: Any = None) -> None:
    if X is not None or Y is not None:
        width = get_width(X if X is not None else Y)
        model.set_dim("nI", width)
        model.set_dim("nO", width)
    nI = model.get_dim("nI")
    if model.has_dim("nO") is None:
        model.set_dim("nO", nI)
    model.set_param("G", model.ops.alloc1f(nI) + 1)
    model.set_param("b", model.ops.alloc1f(nI))
