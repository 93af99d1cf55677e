"""Dense layer with a piecewise swish."""

from collections.abc import Callable

from ..config import registry
from ..initializers import he_normal_init
from ..model import Model
from ..types import Floats2d
from ._affine import activate, affine, finish


@registry.layers("HardSwish.v1")
def HardSwish(
    nO: int | None = None,
    nI: int | None = None,
    *,
    init_W: Callable | None = None,
    init_b: Callable | None = None,
    dropout: float | None = None,
    normalize: bool = False,
) -> Model[Floats2d, Floats2d]:
    """Y = Z · clip(0.2 Z + 0.5, 0, 1) with Z = X Wᵀ + b.

    X: (nB, nI), Y: (nB, nO).  Parameters W: (nO, nI), b: (nO,).
    """
    init_W = init_W or he_normal_init
    model = affine("hardswish", forward, nO=nO, nI=nI, init_W=init_W, init_b=init_b)
    return finish(model, nO, dropout, normalize)


def forward(model: Model, X: Floats2d, is_train: bool) -> tuple[Floats2d, Callable]:
    ops = model.ops
    return activate(model, X, is_train, "hard_swish", lambda dY, Z, Y: ops.backprop_hard_swish(dY, Z))
