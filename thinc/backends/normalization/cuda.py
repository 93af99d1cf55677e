"""Layer normalization on CUDA kernels where these can work on the arrays."""

from .._cuda import Grid, Launcher, are_floats, compact, launches
from .reference import Normalization

MOST_PIECES = 512  # enough blocks for the largest device, each with its own sum of rows


class CudaNormalization(Normalization):
    """See `Normalization` for the formulas."""

    _cuda: Launcher

    @launches(Normalization.layernorm)
    def layernorm(self, X, G, b, epsilon=1e-8):
        X, G, b = (compact(self.xp, array) for array in (X, G, b))
        if not are_floats(self.xp, X, G, b) or X.ndim != 2 or not G.shape == b.shape == X.shape[1:] or X.size == 0:
            return NotImplemented
        Y, mu, s = self.xp.empty_like(X), self.xp.empty(len(X), X.dtype), self.xp.empty(len(X), X.dtype)
        self._cuda(
            "normalization", "layernorm", (X.dtype.name,), Grid.of_rows(*X.shape), X, G, b, Y, mu, s, *X.shape, epsilon
        )
        return Y, mu, s

    @launches(Normalization.backprop_layernorm)
    def backprop_layernorm(self, dY, X, mu, s, G):
        dY, X, mu, s, G = (compact(self.xp, array) for array in (dY, X, mu, s, G))
        if not are_floats(self.xp, dY, X, mu, s, G) or X.ndim != 2 or X.size == 0 or dY.shape != X.shape:
            return NotImplemented
        if not mu.shape == s.shape == X.shape[:1] or G.shape != X.shape[1:]:
            return NotImplemented
        (n, w), types, dX = X.shape, (X.dtype.name,), self.xp.empty_like(X)
        self._cuda("normalization", "backprop_layernorm", types, Grid.of_rows(n, w), dY, X, mu, s, G, dX, n, w)
        pieces = min(-(-n // 32), MOST_PIECES)
        parts = self.xp.empty((pieces, 2, w), X.dtype)
        grid = Grid.of_columns(pieces, w)
        self._cuda("normalization", "sum_columns", types, grid, dY, X, mu, s, parts, n, w, pieces)
        dG, db = parts.sum(axis=0)
        return dX, dG, db
