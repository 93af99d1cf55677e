"""Dense layers with a linear activation that is cut off on both sides."""

from collections.abc import Callable

from ..config import registry
from ..model import Model
from ..model.border import locate_gradient
from ..types import Floats2d
from ._affine import affine, finish, preactivate


@registry.layers("ClippedLinear.v1")
def ClippedLinear(
    nO: int | None = None,
    nI: int | None = None,
    *,
    init_W: Callable | None = None,
    init_b: Callable | None = None,
    dropout: float | None = None,
    normalize: bool = False,
    slope: float = 1.0,
    offset: float = 0.0,
    min_val: float = 0.0,
    max_val: float = 1.0,
) -> Model[Floats2d, Floats2d]:
    """Y = clip(slope · Z + offset, min_val, max_val) with Z = X Wᵀ + b.

    X: (nB, nI), Y: (nB, nO).  Parameters W: (nO, nI), b: (nO,).
    """
    attrs = {"slope": slope, "offset": offset, "min_val": min_val, "max_val": max_val}
    model = affine(
        "clipped_linear",
        forward,
        nO=nO,
        nI=nI,
        init_W=init_W,
        init_b=init_b,
        attrs=attrs,
    )
    return finish(model, nO, dropout, normalize)


@registry.layers("HardSigmoid.v1")
def HardSigmoid(
    nO: int | None = None,
    nI: int | None = None,
    *,
    init_W: Callable | None = None,
    init_b: Callable | None = None,
    dropout: float | None = None,
    normalize: bool = False,
) -> Model[Floats2d, Floats2d]:
    """Y = clip(0.2 Z + 0.5, 0, 1) with Z = X Wᵀ + b."""
    return ClippedLinear(
        nO,
        nI,
        init_W=init_W,
        init_b=init_b,
        dropout=dropout,
        normalize=normalize,
        slope=0.2,
        offset=0.5,
        min_val=0.0,
        max_val=1.0,
    )


@registry.layers("HardTanh.v1")
def HardTanh(
    nO: int | None = None,
    nI: int | None = None,
    *,
    init_W: Callable | None = None,
    init_b: Callable | None = None,
    dropout: float | None = None,
    normalize: bool = False,
) -> Model[Floats2d, Floats2d]:
    """Y = clip(Z, -1, 1) with Z = X Wᵀ + b."""
    return ClippedLinear(
        nO,
        nI,
        init_W=init_W,
        init_b=init_b,
        dropout=dropout,
        normalize=normalize,
        slope=1.0,
        offset=0.0,
        min_val=-1.0,
        max_val=1.0,
    )


@registry.layers("ReluK.v1")
def ReluK(
    nO: int | None = None,
    nI: int | None = None,
    *,
    init_W: Callable | None = None,
    init_b: Callable | None = None,
    dropout: float | None = None,
    normalize: bool = False,
    k: float = 6.0,
) -> Model[Floats2d, Floats2d]:
    """Y = clip(Z, 0, k) with Z = X Wᵀ + b."""
    return ClippedLinear(
        nO,
        nI,
        init_W=init_W,
        init_b=init_b,
        dropout=dropout,
        normalize=normalize,
        slope=1.0,
        offset=0.0,
        min_val=0.0,
        max_val=k,
    )


def forward(model: Model, X: Floats2d, is_train: bool) -> tuple[Floats2d, Callable]:
    Z, backprop_affine = preactivate(model, X)
    shape = {name: model.attrs[name] for name in ("slope", "offset", "min_val", "max_val")}
    Y = model.ops.clipped_linear(Z, **shape)

    def backprop(dY: Floats2d) -> Floats2d:
        try:
            return backprop_affine(model.ops.backprop_clipped_linear(dY, Z, **shape))
        except Exception as error:
            locate_gradient(error, model, dY)
            raise

    return Y, backprop
