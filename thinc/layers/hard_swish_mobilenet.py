"""Dense layer with the piecewise swish of MobileNet."""

from collections.abc import Callable

from ..config import registry
from ..initializers import he_normal_init
from ..model import Model
from ..types import Floats2d
from ._affine import activate, affine, finish


@registry.layers("HardSwishMobilenet.v1")
def HardSwishMobilenet(
    nO: int | None = None,
    nI: int | None = None,
    *,
    init_W: Callable | None = None,
    init_b: Callable | None = None,
    dropout: float | None = None,
    normalize: bool = False,
) -> Model[Floats2d, Floats2d]:
    """Y = Z · clip(Z + 3, 0, 6) / 6 with Z = X Wᵀ + b.

    X: (nB, nI), Y: (nB, nO).  Parameters W: (nO, nI), b: (nO,).
    Howard et al. 2019, arXiv:1905.02244, section 5.2.
    """
    init_W = init_W or he_normal_init
    model = affine("hardswishmobilenet", forward, nO=nO, nI=nI, init_W=init_W, init_b=init_b)
    return finish(model, nO, dropout, normalize)


def forward(model: Model, X: Floats2d, is_train: bool) -> tuple[Floats2d, Callable]:
    ops = model.ops
    return activate(
        model, X, is_train, "hard_swish_mobilenet", lambda dY, Z, Y: ops.backprop_hard_swish_mobilenet(dY, Z)
    )
