"""Let every row of a sequence look at the rows of its own or of another sequence."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy

from ..config import registry
from ..errors import ContainerError, ShapeError
from ..initializers import glorot_uniform_init, zero_init
from ..model import Model, path_of
from ..types import Floats2d, Floats4d, Padded, Ragged
from ._dot_attention import attend
from ._mask import limit
from ._rotary import rotate
from ._rows import Rows, as_rows, gradient_rows, set_widths

Batch = Ragged | Padded | list[Floats2d]


@registry.layers("MultiHeadAttention.v1")
def MultiHeadAttention(
    nO: int | None = None,
    nI: int | None = None,
    *,
    n_heads: int = 8,
    nM: int | None = None,
    is_causal: bool = False,
    rotary: bool = False,
    dropout: float = 0.0,
    init_W: Callable | None = None,
    init_b: Callable | None = None,
) -> Model[Batch | tuple[Batch, Batch], Batch | tuple[Batch, Batch]]:
    """Y = [head₁ | head₂ | …] Woᵀ + bo, head = softmax(Q Kᵀ / √nD) V, nD = nO / n_heads.

    Q = X Wqᵀ + bq;  K = M Wkᵀ + bk;  V = M Wvᵀ + bv, cut into heads.
    X: Ragged, Padded or a list of (length, nI), and M = X; or a pair (X, M) of them, M with
    width nM and as many sequences; or (X, M, N), where V reads N, with the lengths of M.
    Y: like X, with nO columns, by default nI.
    A row sees its own sequence only, with `is_causal` row t of X only the rows 0 to t of M.
    rotary: turn the features of Q and K by their positions, arXiv:2104.09864.
    dropout: probability in [0, 1) that an attention weight is left out in training.
    Parameters Wq (nO, nI), Wk, Wv (nO, nM), Wo (nO, nO), bq, bk, bv, bo (nO,).
    Vaswani et al. 2017, arXiv:1706.03762, §3.2.2.

    >>> import numpy
    >>> X = [numpy.ones((length, 4), dtype="f") for length in (2, 3)]
    >>> model = MultiHeadAttention(n_heads=2, is_causal=True).initialize(X=X)
    >>> [Y.shape for Y in model.predict(X)]
    [(2, 4), (3, 4)]
    >>> memory = [numpy.ones((length, 4), dtype="f") for length in (5, 1)]
    >>> [Y.shape for Y in model.predict((X, memory))]
    [(2, 4), (3, 4)]
    """
    if n_heads < 1:
        raise ShapeError(f"MultiHeadAttention got n_heads={n_heads}. Give it at least 1.")
    names = [kind + part for part in "qkvo" for kind in "Wb"]
    return Model(
        "attention",
        partial(forward, n_heads, is_causal, rotary),
        init=partial(init, n_heads, rotary, init_W or glorot_uniform_init, init_b or zero_init),
        dims={"nO": nO, "nI": nI, "nM": nM},
        params=dict.fromkeys(names),
        attrs={"dropout_rate": dropout},
    )


def forward(n_heads: int, is_causal: bool, rotary: bool, model: Model, X: Any, is_train: bool) -> tuple[Any, Callable]:
    ops = model.ops
    rows, memory, values = _read(model, X)
    Q, backprop_Q = _heads(model, "q", rows, n_heads, rotary)
    K, backprop_K = _heads(model, "k", memory, n_heads, rotary)
    V, backprop_V = _heads(model, "v", values, n_heads, False)
    drop = model.attrs["dropout_rate"] if is_train else 0.0
    is_seen, bias = limit(_is_seen(ops, rows, memory, is_causal), (*Q.shape[:3], K.shape[2]), Q.dtype)
    mixed, backprop_attend = attend(ops, Q, K, V, is_seen, drop, bias)
    mixed_rows = _from_grid(rows, mixed)
    Y = ops.affine(mixed_rows, model.get_param("Wo"), model.get_param("bo"))

    def backprop(dY: Any) -> Any:
        d_mixed = _backprop_affine(model, "o", mixed_rows, gradient_rows(model, dY, Y.shape))
        dQ, dK, dV = backprop_attend(_to_grid(rows, d_mixed, n_heads))
        dX, dM, dN = backprop_Q(dQ), backprop_K(dK), backprop_V(dV)
        if memory is rows:
            return rows.restore(dX + dM + dN)
        if values is memory:
            return rows.restore(dX), memory.restore(dM + dN)
        return rows.restore(dX), memory.restore(dM), values.restore(dN)

    return rows.restore(Y), backprop


def init(
    n_heads: int, rotary: bool, init_W: Callable, init_b: Callable, model: Model, X: Any = None, Y: Any = None
) -> None:
    target, memory = X[:2] if _has_memory(X) else (X, X)
    set_widths(model, nI=target, nM=memory, nO=Y)
    nI = model.get_dim("nI")
    for name in ("nO", "nM"):
        if model.has_dim(name) is None:
            model.set_dim(name, nI)
    nO, nM = model.get_dim("nO"), model.get_dim("nM")
    if nO % n_heads or (rotary and nO // n_heads % 2):
        unit = "a multiple of twice" if rotary else "a multiple of"
        raise ShapeError(f"MultiHeadAttention got nO={nO} with {n_heads} heads. Make nO {unit} the number of heads.")
    for part, width in (("q", nI), ("k", nM), ("v", nM), ("o", nO)):
        model.set_param(f"W{part}", init_W(model.ops, (nO, width)))
        model.set_param(f"b{part}", init_b(model.ops, (nO,)))


def _has_memory(X: Any) -> bool:
    """(X, M) or (X, M, N), as opposed to a tuple of arrays, which is a list of sequences."""
    return isinstance(X, tuple) and len(X) in (2, 3) and all(isinstance(x, (Ragged, Padded, list)) for x in X)


def _read(model: Model, X: Any) -> tuple[Rows, Rows, Rows]:
    """The rows of X, of its memory for K and of that for V: X itself if none is given."""
    if not _has_memory(X):
        rows = as_rows(model, X, "nI")
        return rows, rows, rows
    rows, memory = as_rows(model, X[0], "nI"), as_rows(model, X[1], "nM")
    values = as_rows(model, X[2], "nM") if len(X) == 3 else memory
    if values.lengths.tolist() != memory.lengths.tolist() or values.order.tolist() != memory.order.tolist():
        raise ContainerError(
            f"Layer {path_of(model, model)!r} got keys of the lengths {memory.lengths.tolist()} and values of "
            f"{values.lengths.tolist()}. Give it one value for each key."
        )
    if len(rows.lengths) != len(memory.lengths):
        raise ContainerError(
            f"Layer {path_of(model, model)!r} got {len(rows.lengths)} sequences and a memory of "
            f"{len(memory.lengths)}. Give it one memory for each sequence."
        )
    return rows, memory, values


def _heads(model: Model, part: str, rows: Rows, n_heads: int, rotary: bool) -> tuple[Floats4d, Callable]:
    """Rows times a weight, cut into heads, and the callback to the gradient of the rows."""
    ops, X = model.ops, rows.X
    Z = ops.affine(X, model.get_param(f"W{part}"), model.get_param(f"b{part}"))
    if rotary:
        Z = rotate(ops, Z, rows.places[1], n_heads)

    def backprop(d_grid: Floats4d) -> Floats2d:
        dZ = _from_grid(rows, d_grid)
        if rotary:
            dZ = rotate(ops, dZ, rows.places[1], n_heads, back=True)
        return _backprop_affine(model, part, X, dZ)

    return _to_grid(rows, Z, n_heads), backprop


def _backprop_affine(model: Model, part: str, X: Floats2d, dZ: Floats2d) -> Floats2d:
    """Take note of the gradients of W and b; return that of X."""
    model.inc_grad(f"b{part}", dZ.sum(axis=0))
    model.inc_grad(f"W{part}", model.ops.gemm(dZ, X, trans1=True))
    return model.ops.gemm(dZ, model.get_param(f"W{part}"))


def _to_grid(rows: Rows, Z: Floats2d, n_heads: int) -> Floats4d:
    """(n, nO) -> (batch, heads, time, nD), float16 as float32; zeros beyond the ends."""
    n, nO = Z.shape
    shape = (len(rows.lengths), rows.longest, n_heads, nO // n_heads)
    grid = rows.ops.alloc(shape, dtype="float32" if Z.dtype == "float16" else Z.dtype)
    grid[rows.places] = Z.reshape((n, n_heads, nO // n_heads))
    return grid.swapaxes(1, 2)


def _from_grid(rows: Rows, grid: Floats4d) -> Floats2d:
    """The reverse of `_to_grid`, in the dtype of the rows."""
    Z = grid.swapaxes(1, 2)[rows.places]
    return Z.reshape((len(Z), grid.shape[1] * grid.shape[3])).astype(rows.X.dtype, copy=False)


def _is_seen(ops: Any, rows: Rows, memory: Rows, is_causal: bool) -> Any:
    """(batch, 1, time of rows or 1, time of memory), false for padding and, if causal, for what comes later."""
    xp, nS = ops.xp, memory.longest
    lengths = numpy.empty_like(memory.lengths)
    lengths[memory.order] = memory.lengths
    is_seen = (xp.arange(nS) < ops.asarray(lengths)[:, None])[:, None, None, :]
    if is_causal:
        is_seen = is_seen & (xp.arange(nS) <= xp.arange(rows.longest)[:, None])
    return is_seen
