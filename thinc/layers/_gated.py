"""Dense layers of which one half gates the other."""

from collections.abc import Callable
from functools import partial
from typing import Any

from ..initializers import glorot_uniform_init, zero_init
from ..model import Model
from ..model.border import locate_gradient
from ..types import Floats2d, get_width
from ._affine import preactivate


def gated(
    name: str, activate: Callable, nO: int | None, nI: int | None, init_W: Callable | None, init_b: Callable | None
) -> Model[Floats2d, Floats2d]:
    """`activate(ops, B) -> (S, backprop)` is the only thing in which the layers differ."""
    return Model(
        name,
        partial(forward, activate),
        init=partial(init, init_W or glorot_uniform_init, init_b or zero_init),
        dims={"nO": nO, "nI": nI},
        params={"W": None, "b": None},
    )


def forward(activate: Callable, model: Model, X: Floats2d, is_train: bool) -> tuple[Floats2d, Callable]:
    ops, nO = model.ops, model.get_dim("nO")
    Z, backprop_affine = preactivate(model, X)
    A, B = ops.as_contig(Z[:, :nO]), ops.as_contig(Z[:, nO:])
    S, backprop_gate = activate(ops, B)

    def backprop(dY: Floats2d) -> Floats2d:
        try:
            return backprop_affine(ops.xp.concatenate((dY * S, backprop_gate(dY * A)), axis=1))
        except Exception as error:
            locate_gradient(error, model, dY)
            raise

    return A * S, backprop


def init(init_W: Callable, init_b: Callable, model: Model, X: Any = None, Y: Any = None) -> None:
    if X is not None:
        model.set_dim("nI", get_width(X))
    if Y is not None:
        model.set_dim("nO", get_width(Y))
    nO, nI = model.get_dim("nO"), model.get_dim("nI")
    halves = [init_W(model.ops, (nO, nI)) for _ in range(2)]
    model.set_param("W", model.ops.xp.concatenate(halves))
    model.set_param("b", init_b(model.ops, (2 * nO,)))
