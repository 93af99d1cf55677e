"""Share what all dense layers have in common: weights, start and wrapping."""

from collections.abc import Callable
from functools import partial
from typing import Any

from ..initializers import glorot_uniform_init, zero_init
from ..model import Model
from ..model.border import locate_gradient
from ..model.gradients import add_to_grads
from ..types import Floats2d, get_width
from .chain import chain
from .dropout import Dropout
from .layernorm import LayerNorm


def affine(
    name: str,
    forward: Callable,
    *,
    nO: int | None,
    nI: int | None,
    init_W: Callable | None = None,
    init_b: Callable | None = None,
    attrs: dict[str, Any] | None = None,
) -> Model[Floats2d, Floats2d]:
    """A node with weights W (nO, nI) and b (nO,); `forward` says what it does."""
    start = partial(init, init_W or glorot_uniform_init, init_b or zero_init)
    return Model(
        name,
        forward,
        init=start,
        dims={"nO": nO, "nI": nI},
        params={"W": None, "b": None},
        attrs=attrs or {},
    )


def finish(model: Model, nO: int | None, dropout: float | None, normalize: bool) -> Model[Floats2d, Floats2d]:
    """Put LayerNorm, then Dropout behind the layer, as far as they are asked for."""
    if normalize:
        model = chain(model, LayerNorm(nI=nO))
    if dropout is not None:
        model = chain(model, Dropout(dropout))
    return model


def preactivate(model: Model, X: Floats2d) -> tuple[Floats2d, Callable]:
    """Z = X Wᵀ + b and its callback dZ -> dX.  X: (nB, nI), Z: (nB, nO)."""
    W = model.get_param("W")

    def backprop(dZ: Floats2d) -> Floats2d:
        try:  # takes no time where nothing goes wrong
            return backprop_affine(model, dZ, X, W)
        except Exception as error:
            locate_gradient(error, model, dZ)
            raise

    return model.ops.affine(X, W, model.get_param("b")), backprop


def activate(model: Model, X: Floats2d, is_train: bool, activation: str, slope: Callable) -> tuple[Floats2d, Callable]:
    """Y = f(Z) with Z = X Wᵀ + b, and its callback dY -> dX.

    activation: the name of f among the operations.  slope(dY, Z, Y) -> dZ.
    """
    ops, W, b = model.ops, model.get_param("W"), model.get_param("b")
    Y, Z = ops.activated_affine(X, W, b, activation, is_train)

    def backprop(dY: Floats2d) -> Floats2d:
        try:
            # After a prediction Z was not kept.
            dZ = slope(dY, ops.affine(X, W, b) if Z is None else Z, Y)
            return backprop_affine(model, dZ, X, W)
        except Exception as error:
            locate_gradient(error, model, dY)
            raise

    return Y, backprop


def backprop_affine(model: Model, dZ: Floats2d, X: Floats2d, W: Floats2d) -> Floats2d:
    """dX, after the gradients of W and b have grown."""
    return add_to_grads(model, ("W", "b"), partial(model.ops.backprop_affine, dZ, X, W))


def init(init_W: Callable, init_b: Callable, model: Model, X: Any = None, Y: Any = None) -> None:
    """Take the sizes from X and Y, then draw the weights.

    Raises ValueError where a size is set to something else already.
    """
    if X is not None:
        model.set_dim("nI", get_width(X))
    if Y is not None:
        model.set_dim("nO", get_width(Y))
    draw(init_W, init_b, model)


def init_unset(init_W: Callable, init_b: Callable, model: Model, X: Any = None, Y: Any = None) -> None:
    """Take only the sizes that are not set yet from X and Y, then draw the weights."""
    if X is not None and model.has_dim("nI") is None:
        model.set_dim("nI", get_width(X))
    if Y is not None and model.has_dim("nO") is None:
        model.set_dim("nO", get_width(Y))
    draw(init_W, init_b, model)


def draw(init_W: Callable, init_b: Callable, model: Model) -> None:
    """Set W and b from the initializers."""
    nO, nI = model.get_dim("nO"), model.get_dim("nI")
    model.set_param("W", init_W(model.ops, (nO, nI)))
    model.set_param("b", init_b(model.ops, (nO,)))
