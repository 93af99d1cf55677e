"""Dense layer with the mish activation."""

from collections.abc import Callable

from ..config import registry
from ..model import Model
from ..types import Floats2d
from ._affine import activate, affine, finish


@registry.layers("Mish.v1")
def Mish(
    nO: int | None = None,
    nI: int | None = None,
    *,
    init_W: Callable | None = None,
    init_b: Callable | None = None,
    dropout: float | None = None,
    normalize: bool = False,
) -> Model[Floats2d, Floats2d]:
    """Y = Z · tanh(log(1 + exp Z)) with Z = X Wᵀ + b.

    X: (nB, nI), Y: (nB, nO).  Parameters W: (nO, nI), b: (nO,).
    Misra 2019, arXiv:1908.08681.
    """
    model = affine("mish", forward, nO=nO, nI=nI, init_W=init_W, init_b=init_b)
    return finish(model, nO, dropout, normalize)


def forward(model: Model, X: Floats2d, is_train: bool) -> tuple[Floats2d, Callable]:
    ops = model.ops
    return activate(model, X, is_train, "mish", lambda dY, Z, Y: ops.backprop_mish(dY, Z))
