"""The LSTM on compiled steps where these can work on the arrays."""

import numpy

from .._accelerate import accelerates, kernels
from .reference import Recurrent, _check_sizes, _same_dtype, _split_params, _steps


class CpuRecurrent(Recurrent):
    """See `Recurrent` for the formulas."""

    @accelerates(Recurrent.lstm_forward_inference)
    def lstm_forward_inference(self, params, H0, C0, X, size_at_t):
        X, params, H0, C0 = _same_dtype(self, X, params, H0, C0)
        if X.dtype not in ("float32", "float64"):
            return NotImplemented
        sizes = _check_sizes(X, H0, C0, size_at_t)
        nL, nD, nH = H0.shape
        weights = _split_params(params, X.shape[1], H0.shape)
        Y = X
        for level in range(nL):
            below, Y = Y, numpy.empty((X.shape[0], nD * nH), dtype=X.dtype)
            for way in range(nD):
                Wx, bx, Wh, bh = weights[level][way]
                gates = self.affine(below, Wx, bx + bh)
                H, h0, c0 = Y[:, way * nH : (way + 1) * nH], H0[level, way], C0[level, way]
                if kernels.lstm_walk(_table(_steps(sizes, way)), Wh, h0, c0, gates, None, H) is NotImplemented:
                    return NotImplemented
        return Y

    @accelerates(Recurrent._lstm_walk)
    def _lstm_walk(self, weights, first, X, steps, into):
        Wx, bx, Wh, bh = weights
        H, G, C = into
        if X.dtype not in ("float32", "float64"):
            return NotImplemented
        self.gemm(X, Wx, out=G, trans2=True)
        G += bx + bh
        return kernels.lstm_walk(_table(steps), Wh, *first, G, C, H)

    @accelerates(Recurrent._lstm_walk_back)
    def _lstm_walk_back(self, weights, first, dH, kept, steps):
        return kernels.lstm_walk_back(_table(steps), weights[2], *first, dH, *kept)


def _table(steps):
    """(start, end) of each step as an array."""
    return numpy.array(steps, dtype="int64").reshape(-1, 2)
