"""Recurrent layer with gates for what is kept and what is read."""

from collections.abc import Callable
from functools import partial
from itertools import accumulate
from typing import Any

from ..config import registry
from ..errors import ShapeError
from ..initializers import glorot_uniform_init, zero_init
from ..model import Model
from ..types import Floats2d, Padded, Ragged
from ._rows import as_rows, gradient_rows, set_widths

Batch = Padded | Ragged | list[Floats2d]
WAYS = ("", "_reverse")


@registry.layers("GRU.v1")
def GRU(
    nO: int | None = None,
    nI: int | None = None,
    *,
    bi: bool = False,
    depth: int = 1,
    dropout: float = 0.0,
    init_W: Callable | None = None,
    init_b: Callable | None = None,
) -> Model[Batch, Batch]:
    """h_t = (1 − z) ⊙ n + z ⊙ h_{t−1}, from h = 0 on, with the gates r, z and the candidate n:

    [r | z] = σ(x Wx_rzᵀ + bx_rz + h Wh_rzᵀ + bh_rz);  n = tanh(x Wx_nᵀ + bx_n + r ⊙ (h Wh_nᵀ + bh_n)).
    X: Padded, Ragged or a list of (length, nI).  Y: the same with nO columns, with `bi` the
    two directions side by side.  dropout: probability in [0, 1) for what goes from one level
    to the next, in training.  Parameters of each level l, gates in the order r, z, n, nH = nO
    or nO / 2: Wx_l (3 nH, width), Wh_l (3 nH, nH), bx_l, bh_l (3 nH,), and Wx_l_reverse, ….
    Cho et al. 2014, arXiv:1406.1078; r stands where torch has it.

    >>> import numpy
    >>> X = [numpy.ones((length, 3), dtype="f") for length in (2, 0)]
    >>> model = GRU(4, bi=True).initialize(X=X)
    >>> [Y.shape for Y in model.predict(X)]
    [(2, 4), (0, 4)]
    """
    if depth < 1 or (bi and nO is not None and nO % 2):
        raise ShapeError(f"GRU got depth={depth} and nO={nO}. Give it a depth of at least 1, with bi an even nO.")
    ways = WAYS if bi else WAYS[:1]
    kinds = ("Wx", "Wh", "bx", "bh")
    return Model(
        "gru",
        forward,
        init=partial(init, init_W or glorot_uniform_init, init_b or zero_init),
        dims={"nO": nO, "nI": nI, "depth": depth, "dirs": len(ways)},
        params={f"{kind}_{level}{way}": None for level in range(depth) for way in ways for kind in kinds},
        attrs={"dropout_rate": dropout},
    )


def forward(model: Model, X: Batch, is_train: bool) -> tuple[Batch, Callable]:
    rows = as_rows(model, X, "nI")
    packing, sizes = rows.by_time()
    H, callbacks = rows.X[packing], []
    drop = model.attrs["dropout_rate"] if is_train else 0.0
    for level in range(model.get_dim("depth")):
        if level and drop:
            H, callback = _drop(model.ops, H, drop)
            callbacks.append(callback)
        H, callback = _run_level(model, level, H, sizes)
        callbacks.append(callback)

    def backprop(dY: Batch) -> Batch:
        dH = gradient_rows(model, dY, H.shape)[packing]
        for callback in reversed(callbacks):
            dH = callback(dH)
        return rows.restore(_unpack(model.ops, dH, packing))

    return rows.restore(_unpack(model.ops, H, packing)), backprop


def init(init_W: Callable, init_b: Callable, model: Model, X: Any = None, Y: Any = None) -> None:
    set_widths(model, nI=X, nO=Y)
    ops, xp, dirs = model.ops, model.ops.xp, model.get_dim("dirs")
    nH = model.get_dim("nO") // dirs
    for level in range(model.get_dim("depth")):
        width = nH * dirs if level else model.get_dim("nI")
        for way in WAYS[:dirs]:
            for x, size in (("x", width), ("h", nH)):
                model.set_param(f"W{x}_{level}{way}", xp.concatenate([init_W(ops, (nH, size)) for _ in range(3)]))
                model.set_param(f"b{x}_{level}{way}", init_b(ops, (3 * nH,)))


def _run_level(model: Model, level: int, X: Floats2d, sizes: list[int]) -> tuple[Floats2d, Callable]:
    """All directions of one level.  X: (N, width), rows packed by time; Y: (N, dirs · nH)."""
    xp = model.ops.xp
    runs = [_run_way(model, f"_{level}{way}", X, _steps(sizes, way)) for way in WAYS[: model.get_dim("dirs")]]

    def backprop(dY: Floats2d) -> Floats2d:
        parts = xp.split(dY, len(runs), axis=1)
        dX: Any = sum(run[1](part) for run, part in zip(runs, parts, strict=True))
        return dX

    return xp.concatenate([run[0] for run in runs], axis=1), backprop


def _run_way(model: Model, suffix: str, X: Floats2d, steps: list[slice]) -> tuple[Floats2d, Callable]:
    """One level in one direction.  Gates r, z, n and the read state q: (N, nH) each."""
    ops = model.ops
    Wx, Wh, bx, bh = (model.get_param(kind + suffix) for kind in ("Wx", "Wh", "bx", "bh"))
    N, nH = len(X), Wh.shape[1]
    A = ops.affine(X, Wx, bx)
    H, H_prev, gates = (ops.alloc((N, width * nH), dtype=A.dtype) for width in (1, 1, 4))
    # Sequence b is row b of every step it reaches; untouched rows hold the initial state.
    h = ops.alloc((max((s.stop - s.start for s in steps), default=0), nH), dtype=A.dtype)
    for s in steps:
        n = s.stop - s.start
        B, G = ops.affine(h[:n], Wh, bh), gates[s]
        G[:, : 2 * nH] = ops.sigmoid(A[s, : 2 * nH] + B[:, : 2 * nH])
        G[:, 3 * nH :] = B[:, 2 * nH :]
        G[:, 2 * nH : 3 * nH] = ops.xp.tanh(A[s, 2 * nH :] + G[:, :nH] * G[:, 3 * nH :])
        H_prev[s] = h[:n]
        z, candidate = G[:, nH : 2 * nH], G[:, 2 * nH : 3 * nH]
        h[:n] = candidate + z * (h[:n] - candidate)
        H[s] = h[:n]

    def backprop(dH: Floats2d) -> Floats2d:
        dA, dB = _walk_back(ops, Wh, dH, gates, H_prev, steps)
        model.inc_grad("Wx" + suffix, ops.gemm(dA, X, trans1=True))
        model.inc_grad("Wh" + suffix, ops.gemm(dB, H_prev, trans1=True))
        model.inc_grad("bx" + suffix, dA.sum(axis=0))
        model.inc_grad("bh" + suffix, dB.sum(axis=0))
        return ops.gemm(dA, Wx)

    return H, backprop


def _walk_back(ops: Any, Wh: Floats2d, dH: Floats2d, gates: Any, H_prev: Any, steps: list[slice]) -> tuple[Any, Any]:
    """dA, dB (N, 3 nH): the gradients of x Wxᵀ + bx and of h Whᵀ + bh."""
    nH = Wh.shape[1]
    dA, dB = (ops.alloc((len(dH), 3 * nH), dtype=dH.dtype) for _ in range(2))
    dh = ops.alloc((max((s.stop - s.start for s in steps), default=0), nH), dtype=dH.dtype)
    for s in reversed(steps):
        n = s.stop - s.start
        r, z, candidate, q = (gates[s, k * nH : (k + 1) * nH] for k in range(4))
        d = dh[:n] + dH[s]
        da, db = dA[s], dB[s]
        da[:, 2 * nH :] = d * (1 - z) * (1 - candidate * candidate)
        da[:, :nH] = da[:, 2 * nH :] * q * r * (1 - r)
        da[:, nH : 2 * nH] = d * (H_prev[s] - candidate) * z * (1 - z)
        db[:, : 2 * nH] = da[:, : 2 * nH]
        db[:, 2 * nH :] = da[:, 2 * nH :] * r
        dh[:n] = d * z + ops.gemm(db, Wh)
    return dA, dB


def _steps(sizes: list[int], way: str) -> list[slice]:
    """The rows of each time step, in the order in which this direction walks."""
    ends = list(accumulate(sizes))
    steps = [slice(end - size, end) for size, end in zip(sizes, ends) if size]
    return steps[::-1] if way else steps


def _drop(ops: Any, X: Floats2d, rate: float) -> tuple[Floats2d, Callable]:
    mask = ops.get_dropout_mask(X.shape, rate).astype(X.dtype, copy=False)
    return X * mask, lambda dY: dY * mask


def _unpack(ops: Any, packed: Floats2d, packing: Any) -> Floats2d:
    """Rows packed by time in the order of their sequences."""
    Y = ops.xp.empty_like(packed)
    Y[packing] = packed
    return Y
