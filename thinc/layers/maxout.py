"""Dense layer that takes the largest of several affine pieces."""

from collections.abc import Callable
from functools import partial
from typing import Any

from ..config import registry
from ..errors import ShapeError
from ..initializers import glorot_uniform_init, zero_init
from ..model import Model
from ..model.border import locate_gradient
from ..model.gradients import add_to_grads
from ..types import Floats2d, get_width
from ._affine import finish


@registry.layers("Maxout.v1")
def Maxout(
    nO: int | None = None,
    nI: int | None = None,
    nP: int | None = 3,
    *,
    init_W: Callable | None = None,
    init_b: Callable | None = None,
    dropout: float | None = None,
    normalize: bool = False,
) -> Model[Floats2d, Floats2d]:
    """Y[b, o] = max over p of Z[b, o, p], with Z[b, o, p] = W[o, p] · X[b] + b[o, p].

    X: (nB, nI), Y: (nB, nO).  Parameters W: (nO, nP, nI), b: (nO, nP).
    Goodfellow et al. 2013, arXiv:1302.4389.
    """
    if nP is not None and nP < 1:
        raise ShapeError(f"Maxout got nP={nP}. Give it at least one piece.")
    model: Model[Floats2d, Floats2d] = Model(
        "maxout",
        forward,
        init=partial(init, init_W or glorot_uniform_init, init_b or zero_init),
        dims={"nO": nO, "nI": nI, "nP": nP},
        params={"W": None, "b": None},
    )
    return finish(model, nO, dropout, normalize)


def forward(model: Model, X: Floats2d, is_train: bool) -> tuple[Floats2d, Callable]:
    ops, W, b = model.ops, model.get_param("W"), model.get_param("b")
    Y, which = ops.maxout_affine(X, W, b) if is_train else (ops.predict_maxout(X, W, b), None)

    def backprop(dY: Floats2d) -> Floats2d:
        try:
            # After a prediction `which` was not kept.
            winners = ops.maxout_affine(X, W, b)[1] if which is None else which
            return add_to_grads(model, ("W", "b"), partial(ops.backprop_maxout_affine, dY, winners, X, W))
        except Exception as error:
            locate_gradient(error, model, dY)
            raise

    return Y, backprop


def init(init_W: Callable, init_b: Callable, model: Model, X: Any = None, Y: Any = None) -> None:
    if X is not None:
        model.set_dim("nI", get_width(X))
    if Y is not None:
        model.set_dim("nO", get_width(Y))
    nO, nP, nI = model.get_dim("nO"), model.get_dim("nP"), model.get_dim("nI")
    model.set_param("W", init_W(model.ops, (nO, nP, nI)))
    model.set_param("b", init_b(model.ops, (nO, nP)))
