"""Dense output layer with the logistic function."""

from collections.abc import Callable
from functools import partial

from ..config import registry
from ..initializers import zero_init
from ..model import Model
from ..model.border import locate_gradient
from ..types import Floats2d
from ._affine import backprop_affine, init_unset


@registry.layers("Sigmoid.v1")
def Sigmoid(
    nO: int | None = None,
    nI: int | None = None,
    *,
    init_W: Callable | None = None,
    init_b: Callable | None = None,
) -> Model[Floats2d, Floats2d]:
    """Y = σ(X Wᵀ + b); W starts at zero.

    X: (nB, nI), Y: (nB, nO).  Parameters W: (nO, nI), b: (nO,).
    """
    return Model(
        "sigmoid",
        forward,
        init=partial(init_unset, init_W or zero_init, init_b or zero_init),
        dims={"nO": nO, "nI": nI},
        params={"W": None, "b": None},
    )


def forward(model: Model, X: Floats2d, is_train: bool) -> tuple[Floats2d, Callable]:
    ops, W = model.ops, model.get_param("W")
    Y, _ = ops.activated_affine(X, W, model.get_param("b"), "sigmoid", False)

    def backprop(dY: Floats2d) -> Floats2d:
        try:
            return backprop_affine(model, ops.backprop_sigmoid(dY, Y), X, W)
        except Exception as error:
            locate_gradient(error, model, dY)
            raise

    return Y, backprop
