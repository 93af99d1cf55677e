"""Blocks of attention and dense layers, each added to its input and normalized."""

from collections.abc import Callable
from typing import Any

from ..config import registry
from ..errors import ShapeError
from ..model import Model
from ..types import Floats2d, Padded, Ragged
from .chain import chain
from .dropout import Dropout
from .gelu import Gelu
from .glu import GLU
from .layernorm import LayerNorm
from .linear import Linear
from .mish import Mish
from .multiheadattention import MultiHeadAttention
from .relu import Relu
from .residual import residual
from .rmsnorm import RMSNorm
from .swiglu import SwiGLU
from .swish import Swish
from .with_array2d import with_array2d

Batch = Ragged | Padded | list[Floats2d]
ACTIVATIONS: dict[str, Callable] = {
    "relu": Relu, "gelu": Gelu, "mish": Mish, "swish": Swish, "glu": GLU, "swiglu": SwiGLU,
}  # fmt: skip
NORMS: dict[str, Callable] = {"layernorm": LayerNorm, "rmsnorm": RMSNorm}


@registry.layers("TransformerEncoder.v1")
def TransformerEncoder(
    nO: int,
    *,
    depth: int = 1,
    n_heads: int = 8,
    nF: int | None = None,
    dropout: float = 0.1,
    activation: str = "relu",
    norm: str = "layernorm",
    norm_first: bool = True,
    is_causal: bool = False,
    rotary: bool = False,
) -> Model[Batch, Batch]:
    """`depth` blocks: A = X + attention(norm(X)), Y = A + dense(norm(A)); at the end norm(Y).

    With norm_first=False: A = norm(X + attention(X)), Y = norm(A + dense(A)), and no norm at the end.
    X, Y: Ragged, Padded or a list of (length, nO).  dense: `activation` to nF columns, by
    default 4 nO, and Linear back.
    activation: "relu", "gelu", "mish", "swish", "glu" or "swiglu".  norm: "layernorm" or "rmsnorm".
    dropout: probability in [0, 1) for attention weights, the nF columns and what is added.
    is_causal, rotary: see MultiHeadAttention; without `rotary` the layer knows no positions.
    Vaswani et al. 2017, arXiv:1706.03762, §3.1; norm first: Xiong et al. 2020, arXiv:2002.04745.

    >>> import numpy
    >>> X = [numpy.ones((length, 4), dtype="f") for length in (2, 3)]
    >>> model = TransformerEncoder(4, depth=2, n_heads=2, activation="swiglu", rotary=True).initialize(X=X)
    >>> Y, backprop = model.begin_update(X)
    >>> [dX.shape for dX in backprop(Y)]
    [(2, 4), (3, 4)]
    """
    for what, value, known in (("activation", activation, ACTIVATIONS), ("norm", norm, NORMS)):
        if value not in known:
            raise ValueError(f"TransformerEncoder got {what}={value!r}. Choose one of {', '.join(known)}.")
    if depth < 1:
        raise ShapeError(f"TransformerEncoder got depth={depth}. Give it a depth of at least 1.")

    def block() -> list[Model]:
        attention = MultiHeadAttention(
            nO, nO, n_heads=n_heads, nM=nO, is_causal=is_causal, rotary=rotary, dropout=dropout
        )  # fmt: skip
        dense = [ACTIVATIONS[activation](nF or 4 * nO, nO), Dropout(dropout), Linear(nO, nF or 4 * nO)]
        return _join(NORMS[norm], nO, norm_first, dropout, attention, with_array2d(chain(*dense)))

    layers = [layer for _ in range(depth) for layer in block()]
    if norm_first:
        layers.append(with_array2d(NORMS[norm](nO)))
    model: Model[Any, Any] = chain(*layers)
    model.name = "transformer"
    return model


def _join(norm: Callable, nO: int, norm_first: bool, dropout: float, *parts: Model) -> list[Model]:
    """Each part with dropout, added to its input, normalized before or behind."""
    layers: list[Model] = []
    for part in parts:
        if norm_first:
            layers.append(residual(chain(with_array2d(norm(nO)), part, Dropout(dropout))))
        else:
            layers += [residual(chain(part, Dropout(dropout))), with_array2d(norm(nO))]
    return layers
