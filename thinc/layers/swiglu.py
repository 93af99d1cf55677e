"""Dense layer whose outputs are multiplied by a swish."""

from collections.abc import Callable
from functools import partial
from typing import Any

from ..config import registry
from ..model import Model
from ..types import Floats2d
from ._gated import gated


@registry.layers("SwiGLU.v1")
def SwiGLU(
    nO: int | None = None,
    nI: int | None = None,
    *,
    init_W: Callable | None = None,
    init_b: Callable | None = None,
) -> Model[Floats2d, Floats2d]:
    """Y = A ⊙ swish(B), where [A | B] = X Wᵀ + b and swish(B) = B ⊙ σ(B).

    X: (nB, nI), Y: (nB, nO).  Parameters W: (2 nO, nI), b: (2 nO,), the gates B last.
    Shazeer 2020, arXiv:2002.05202, eq. 5.

    >>> import numpy
    >>> model = SwiGLU(2).initialize(X=numpy.ones((1, 3), dtype="f"))
    >>> model.get_param("W").shape, model.predict(numpy.zeros((1, 3), dtype="f")).tolist()
    ((4, 3), [[0.0, 0.0]])
    """
    return gated("swiglu", activate, nO, nI, init_W, init_b)


def activate(ops: Any, B: Floats2d) -> tuple[Floats2d, Callable]:
    S = ops.swish(B)
    return S, partial(ops.backprop_swish, X=B, Y=S)
