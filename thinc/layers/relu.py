"""Dense layer with the rectifier."""

from collections.abc import Callable

from ..config import registry
from ..model import Model
from ..model.border import locate_gradient
from ..types import Floats2d
from ._affine import affine, backprop_affine, finish


@registry.layers("Relu.v1")
def Relu(
    nO: int | None = None,
    nI: int | None = None,
    *,
    init_W: Callable | None = None,
    init_b: Callable | None = None,
    dropout: float | None = None,
    normalize: bool = False,
) -> Model[Floats2d, Floats2d]:
    """Y = max(Z, 0) with Z = X Wᵀ + b.

    X: (nB, nI), Y: (nB, nO).  Parameters W: (nO, nI), b: (nO,).
    """
    model = affine("relu", forward, nO=nO, nI=nI, init_W=init_W, init_b=init_b)
    return finish(model, nO, dropout, normalize)


def forward(model: Model, X: Floats2d, is_train: bool) -> tuple[Floats2d, Callable]:
    ops, W = model.ops, model.get_param("W")
    Y, _ = ops.activated_affine(X, W, model.get_param("b"), "relu", False)

    def backprop(dY: Floats2d) -> Floats2d:
        try:
            return backprop_affine(model, ops.backprop_relu(dY, Y), X, W)
        except Exception as error:
            locate_gradient(error, model, dY)
            raise

    return Y, backprop


ReLu = Relu  # the name that the first documents use
