"""Dense layer with the swish activation."""

from collections.abc import Callable

from ..config import registry
from ..initializers import he_normal_init
from ..model import Model
from ..types import Floats2d
from ._affine import activate, affine, finish


@registry.layers("Swish.v1")
def Swish(
    nO: int | None = None,
    nI: int | None = None,
    *,
    init_W: Callable | None = None,
    init_b: Callable | None = None,
    dropout: float | None = None,
    normalize: bool = False,
) -> Model[Floats2d, Floats2d]:
    """Y = Z · σ(Z) with Z = X Wᵀ + b.

    X: (nB, nI), Y: (nB, nO).  Parameters W: (nO, nI), b: (nO,).
    Ramachandran et al. 2017, arXiv:1710.05941.
    """
    init_W = init_W or he_normal_init
    model = affine("swish", forward, nO=nO, nI=nI, init_W=init_W, init_b=init_b)
    return finish(model, nO, dropout, normalize)


def forward(model: Model, X: Floats2d, is_train: bool) -> tuple[Floats2d, Callable]:
    return activate(model, X, is_train, "swish", model.ops.backprop_swish)
