"""Dense output layer with several softmaxes side by side."""

from collections.abc import Callable, Sequence
from typing import Any

from ..backends._known import inherit
from ..config import registry
from ..model import Model
from ..types import Floats2d, get_width
from ._affine import preactivate


@registry.layers("MultiSoftmax.v1")
def MultiSoftmax(nOs: Sequence[int], nI: int | None = None) -> Model[Floats2d, Floats2d]:
    """Each block of nOs[i] columns of Y is the softmax of that block of X Wᵀ + b.

    X: (nB, nI), Y: (nB, Σ nOs).  Parameters W: (Σ nOs, nI), b: (Σ nOs,), zero at first.
    The callback takes the gradient of the scores X Wᵀ + b, as with `Softmax`.
    """
    return Model(
        "multisoftmax",
        forward,
        init=init,
        dims={"nO": sum(nOs), "nI": nI},
        attrs={"nOs": tuple(nOs)},
        params={"W": None, "b": None},
    )


def forward(model: Model, X: Floats2d, is_train: bool) -> tuple[Floats2d, Callable]:
    ops = model.ops
    Z, backprop_affine = preactivate(model, X)
    blocks: list[Floats2d] = []
    start = 0
    for nO in model.attrs["nOs"]:
        blocks.append(ops.softmax(ops.as_contig(Z[:, start : start + nO])))
        start += nO
    Y = ops.xp.concatenate(blocks, axis=1)
    return inherit(Y, blocks[0]), backprop_affine


def init(model: Model, X: Any = None, Y: Any = None) -> None:
    if X is not None and model.has_dim("nI") is None:
        model.set_dim("nI", get_width(X))
    nO, nI = model.get_dim("nO"), model.get_dim("nI")
    model.set_param("W", model.ops.alloc2f(nO, nI))
    model.set_param("b", model.ops.alloc1f(nO))
