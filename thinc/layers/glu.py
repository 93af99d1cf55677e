"""Dense layer whose outputs are opened and closed by a sigmoid."""

from collections.abc import Callable
from functools import partial
from typing import Any

from ..config import registry
from ..model import Model
from ..types import Floats2d
from ._gated import gated


@registry.layers("GLU.v1")
def GLU(
    nO: int | None = None,
    nI: int | None = None,
    *,
    init_W: Callable | None = None,
    init_b: Callable | None = None,
) -> Model[Floats2d, Floats2d]:
    """Y = A ⊙ σ(B), where [A | B] = X Wᵀ + b.

    X: (nB, nI), Y: (nB, nO).  Parameters W: (2 nO, nI), b: (2 nO,), the gates B last.
    Dauphin et al. 2017, arXiv:1612.08083, eq. 1.

    >>> import numpy
    >>> model = GLU(2).initialize(X=numpy.ones((1, 3), dtype="f"))
    >>> model.get_param("W").shape, model.predict(numpy.zeros((1, 3), dtype="f")).tolist()
    ((4, 3), [[0.0, 0.0]])
    """
    return gated("glu", activate, nO, nI, init_W, init_b)


def activate(ops: Any, B: Floats2d) -> tuple[Floats2d, Callable]:
    S = ops.sigmoid(B)
    return S, partial(ops.backprop_sigmoid, Y=S)
