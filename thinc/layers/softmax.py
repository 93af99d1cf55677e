"""Dense output layer with the softmax."""

from collections.abc import Callable
from functools import partial

from ..config import registry
from ..initializers import zero_init
from ..model import Model
from ..model.border import locate_gradient
from ..types import ArrayInfo, Floats2d
from ._affine import init_unset, preactivate


@registry.layers("Softmax.v1")
def Softmax(
    nO: int | None = None,
    nI: int | None = None,
    *,
    init_W: Callable | None = None,
    init_b: Callable | None = None,
) -> Model[Floats2d, Floats2d]:
    """Y = softmax(X Wᵀ + b); W starts at zero.

    X: (nB, nI), Y: (nB, nO).  Parameters W: (nO, nI), b: (nO,).
    The callback takes the gradient of the *scores* X Wᵀ + b, as the losses give it.
    """
    return Softmax_v2(nO, nI, init_W=init_W, init_b=init_b)


@registry.layers("Softmax.v2")
def Softmax_v2(
    nO: int | None = None,
    nI: int | None = None,
    *,
    init_W: Callable | None = None,
    init_b: Callable | None = None,
    normalize_outputs: bool = True,
    temperature: float = 1.0,
) -> Model[Floats2d, Floats2d]:
    """Y = softmax((X Wᵀ + b) / temperature), or the bare scores when predicting.

    normalize_outputs: False leaves the softmax out, except in training.
    temperature: greater than zero.  Raises ValueError otherwise.
    """
    check_temperature(temperature)
    return Model(
        "softmax",
        forward,
        init=partial(init_unset, init_W or zero_init, init_b or zero_init),
        dims={"nO": nO, "nI": nI},
        params={"W": None, "b": None},
        attrs={
            "softmax_normalize": normalize_outputs,
            "softmax_temperature": temperature,
        },
    )


def forward(model: Model, X: Floats2d, is_train: bool) -> tuple[Floats2d, Callable]:
    temperature = model.attrs["softmax_temperature"]
    check_temperature(temperature)
    Z, backprop_affine = preactivate(model, X)
    if not (model.attrs["softmax_normalize"] or is_train):
        return Z, refuse_backprop
    Y = model.ops.softmax(Z, temperature=temperature)
    shape, dtype = Y.shape, Y.dtype

    def backprop(dY: Floats2d) -> Floats2d:
        try:
            ArrayInfo(shape, dtype).check_consistency(dY)
            return backprop_affine(dY if temperature == 1.0 else dY / temperature)
        except Exception as error:
            locate_gradient(error, model, dY)
            raise

    return Y, backprop


def check_temperature(temperature: float) -> None:
    """Raise ValueError unless the temperature is greater than zero."""
    if not temperature > 0.0:
        raise ValueError(
            f"Softmax: the softmax temperature must be greater than zero, "
            f"got {temperature!r}. Use 1.0 for the plain softmax."
        )


def refuse_backprop(dY: Floats2d) -> Floats2d:
    """Stand in for the callback of scores that were not normalized."""
    raise ValueError(
        "Softmax: backprop is not supported for outputs that are not normalized. "
        "Call the model with is_train=True or set normalize_outputs=True."
    )
