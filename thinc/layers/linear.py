"""Dense layer without activation."""

from collections.abc import Callable

from ..config import registry
from ..model import Model
from ..types import Floats2d
from ._affine import affine, preactivate


@registry.layers("Linear.v1")
def Linear(
    nO: int | None = None,
    nI: int | None = None,
    *,
    init_W: Callable | None = None,
    init_b: Callable | None = None,
) -> Model[Floats2d, Floats2d]:
    """Y = X Wᵀ + b.

    X: (nB, nI), Y: (nB, nO).  Parameters W: (nO, nI), b: (nO,).
    """
    return affine("linear", forward, nO=nO, nI=nI, init_W=init_W, init_b=init_b)


def forward(model: Model, X: Floats2d, is_train: bool) -> tuple[Floats2d, Callable]:
    return preactivate(model, X)
