"""Tell attention where a row stands by turning its features."""

from typing import Any

from ..types import Floats2d, Ints1d

BASE = 10000.0


def rotate(ops: Any, X: Floats2d, times: Ints1d, n_heads: int, *, back: bool = False) -> Floats2d:
    """Turn each pair of features (2i, 2i + 1) of a head by the angle t · BASE^(−2i / nD).

    X, Y: (n, n_heads · nD), nD even.  times: (n,).  back: turn the other way, which is the
    inverse and the gradient.  Su et al. 2021, arXiv:2104.09864, eq. 34.
    """
    xp, shape, nD = ops.xp, X.shape, X.shape[1] // n_heads
    heads = X.reshape((shape[0], n_heads, nD))
    speed = BASE ** (-xp.arange(0, nD, 2, dtype="float64") / nD)
    angles = times[:, None].astype("float64") * speed * (-1.0 if back else 1.0)
    cos, sin = (f(angles)[:, None, :].astype(X.dtype) for f in (xp.cos, xp.sin))
    even, odd = heads[..., 0::2], heads[..., 1::2]
    Y = xp.empty_like(heads)
    Y[..., 0::2] = even * cos - odd * sin
    Y[..., 1::2] = even * sin + odd * cos
    return Y.reshape(shape)
