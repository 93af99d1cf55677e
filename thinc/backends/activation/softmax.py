"""Normalize or select over one axis: softmax and maxout, with their derivatives."""

from typing import Any

import numpy

from ...errors import ShapeError
from ...types import Floats2d, Floats3d, FloatsXdT, Ints2d
from ._elementwise import check_same_shape, store, widen


class Softmax:
    """Float dtypes are kept; only `inplace=True` writes into an argument."""

    xp: Any = numpy

    def softmax(self, x: FloatsXdT, *, inplace: bool = False, axis: int = -1, temperature: float = 1.0) -> FloatsXdT:
        """Y = exp(x / temperature), scaled so that the sum over `axis` is 1."""
        if x.size == 0:
            return x if inplace else x.copy()
        Z = widen(x)
        if temperature != 1.0:
            Z = Z / float(temperature)
        Y = self.xp.exp(Z - Z.max(axis=axis, keepdims=True))
        Y /= Y.sum(axis=axis, keepdims=True)
        return store(Y, x, inplace)

    def backprop_softmax(self, Y: FloatsXdT, dY: FloatsXdT, *, axis: int = -1, temperature: float = 1.0) -> FloatsXdT:
        """dX = Y · (dY − Σ(Y · dY)) / temperature, the sum over `axis`."""
        check_same_shape("backprop_softmax", Y, dY)
        dZ = Y * (dY if temperature == 1.0 else dY / float(temperature))
        dZ = dZ - Y * dZ.sum(axis=axis, keepdims=True)
        return store(dZ, dY, False)

    def maxout(self, X: Floats3d) -> tuple[Floats2d, Ints2d]:
        """The best piece, and which it was; the first one wins ties.

        X: (n, nO, nP).  best: (n, nO).  which: (n, nO) int32.
        """
        if X.ndim != 3 or X.shape[2] == 0:
            raise ShapeError(f"maxout: got {X.dtype}{list(X.shape)}; give (batch, nO, nP) with nP of at least 1")
        which = X.argmax(axis=-1)
        best = self.xp.take_along_axis(X, which[..., None], axis=-1)[..., 0]
        return best, which.astype("int32")

    def backprop_maxout(self, dY: Floats2d, which: Ints2d, P: int) -> Floats3d:
        """dX[n, o, which[n, o]] = dY[n, o], and 0 elsewhere.

        dY, which: (n, nO).  dX: (n, nO, P).
        """
        check_same_shape("backprop_maxout", dY, which)
        if which.size and (int(which.min()) < 0 or int(which.max()) >= P):
            raise IndexError(
                f"backprop_maxout: got pieces {int(which.min())} to {int(which.max())}; "
                f"with {P} pieces they must be in [0, {P})"
            )
        hits = which[..., None] == self.xp.arange(P)
        return self.xp.where(hits, dY[..., None], 0).astype(dY.dtype, copy=False)
