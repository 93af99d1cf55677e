"""The activations that run on CUDA kernels where these can work on the arrays."""

from .._cuda import Grid, Launcher, are_floats, are_ints, are_within, compact, launches
from .._known import forget, remember
from .reference import Activations

NOTHING = (0.0, 0.0, 0.0, 0.0)  # slope, offset, low, high


def _forward(ops, function, X, inplace, options=NOTHING):
    """Y = function(X), in X itself if `inplace`."""
    X = X if inplace else compact(ops.xp, X)
    if not are_floats(ops.xp, X):
        return NotImplemented
    Y = forget(X) if inplace else ops.xp.empty_like(X)
    if X.size:
        types = (f"thinc::activation::{function}", X.dtype.name)
        ops._cuda("activation", "forward", types, Grid.of_elements(X.size), X, Y, X.size, *options)
    return Y


def _backward(ops, function, dY, S, out, options=NOTHING):
    """dX = dY · slope of the function at S, into `out` unless that is None."""
    if out is None:
        dY, S = compact(ops.xp, dY), compact(ops.xp, S)
    if not are_floats(ops.xp, dY, S) or dY.shape != S.shape:
        return NotImplemented
    if out is not None and dY is not S and ops.xp.may_share_memory(dY, S):
        return NotImplemented
    dX = ops.xp.empty_like(dY) if out is None else forget(out)
    if dX.size:
        types = (f"thinc::activation::{function}", dX.dtype.name)
        ops._cuda("activation", "backward", types, Grid.of_elements(dX.size), dY, S, dX, dX.size, *options)
    return dX


class CudaActivations(Activations):
    """See `Activations` for the formulas."""

    _cuda: Launcher

    @launches(Activations.relu)
    def relu(self, X, inplace=False):
        return _forward(self, "Relu", X, inplace)

    @launches(Activations.backprop_relu)
    def backprop_relu(self, dY, Y, inplace=False):
        return _backward(self, "Relu", dY, Y, dY if inplace else None)

    @launches(Activations.clipped_linear)
    def clipped_linear(self, X, slope=1.0, offset=0.0, min_val=0.0, max_val=1.0, inplace=False):
        return _forward(self, "ClippedLinear", X, inplace, (slope, offset, min_val, max_val))

    @launches(Activations.backprop_clipped_linear)
    def backprop_clipped_linear(self, dY, X, slope=1.0, offset=0.0, min_val=0.0, max_val=1.0, inplace=False):
        # The corners on the axis of X; with slope 0 nothing lies between them.
        corners = (1.0, 0.0) if slope == 0 else sorted(((min_val - offset) / slope, (max_val - offset) / slope))
        return _backward(self, "ClippedLinear", dY, X, dY if inplace else None, (slope, 0.0, *corners))

    @launches(Activations.hard_swish)
    def hard_swish(self, X, inplace=False):
        return _forward(self, "HardSwish", X, inplace)

    @launches(Activations.backprop_hard_swish)
    def backprop_hard_swish(self, dY, X, inplace=False):
        return _backward(self, "HardSwish", dY, X, dY if inplace else None)

    @launches(Activations.hard_swish_mobilenet)
    def hard_swish_mobilenet(self, X, inplace=False):
        return _forward(self, "HardSwishMobilenet", X, inplace)

    @launches(Activations.backprop_hard_swish_mobilenet)
    def backprop_hard_swish_mobilenet(self, dY, X, inplace=False):
        return _backward(self, "HardSwishMobilenet", dY, X, dY if inplace else None)

    @launches(Activations.sigmoid)
    def sigmoid(self, X, *, inplace=False):
        return _as_shares(_forward(self, "Sigmoid", X, inplace))

    @launches(Activations.backprop_sigmoid)
    def backprop_sigmoid(self, dY, Y, *, inplace=False):
        return _backward(self, "Sigmoid", dY, Y, Y if inplace else None)

    @launches(Activations.dsigmoid)
    def dsigmoid(self, Y, *, inplace=False):
        return _forward(self, "SigmoidSlope", Y, inplace)

    @launches(Activations.dtanh)
    def dtanh(self, Y, *, inplace=False):
        return _forward(self, "TanhSlope", Y, inplace)

    @launches(Activations.swish)
    def swish(self, X, inplace=False):
        return _forward(self, "Swish", X, inplace)

    @launches(Activations.backprop_swish)
    def backprop_swish(self, dY, X, Y, inplace=False):
        if not inplace:
            dY, X, Y = (compact(self.xp, array) for array in (dY, X, Y))
        if not are_floats(self.xp, dY, X, Y) or not dY.shape == X.shape == Y.shape:
            return NotImplemented
        dX = forget(dY) if inplace else self.xp.empty_like(dY)
        if dX.size:
            grid = Grid.of_elements(dX.size)
            self._cuda("activation", "backprop_swish", (dX.dtype.name,), grid, dY, X, Y, dX, dX.size)
        return dX

    @launches(Activations.dish)
    def dish(self, X, inplace=False):
        return _forward(self, "Dish", X, inplace)

    @launches(Activations.backprop_dish)
    def backprop_dish(self, dY, X, inplace=False):
        return _backward(self, "Dish", dY, X, dY if inplace else None)

    @launches(Activations.erf)
    def erf(self, X):
        return _forward(self, "Erf", X, False)

    @launches(Activations.sechsq)
    def sechsq(self, X):
        return _forward(self, "SechSquared", X, False)

    @launches(Activations.gelu)
    def gelu(self, X, inplace=False):
        return _forward(self, "Gelu", X, inplace)

    @launches(Activations.backprop_gelu)
    def backprop_gelu(self, dY, X, inplace=False):
        return _backward(self, "Gelu", dY, X, dY if inplace else None)

    @launches(Activations.gelu_approx)
    def gelu_approx(self, X, inplace=False):
        return _forward(self, "GeluApprox", X, inplace)

    @launches(Activations.backprop_gelu_approx)
    def backprop_gelu_approx(self, dY, X, inplace=False):
        return _backward(self, "GeluApprox", dY, X, dY if inplace else None)

    @launches(Activations.mish)
    def mish(self, X, threshold=20.0, inplace=False):
        return _forward(self, "Mish", X, inplace, (0.0, 0.0, 0.0, threshold))

    @launches(Activations.backprop_mish)
    def backprop_mish(self, dY, X, threshold=20.0, inplace=False):
        return _backward(self, "Mish", dY, X, dY if inplace else None, (0.0, 0.0, 0.0, threshold))

    @launches(Activations.softmax)
    def softmax(self, x, *, inplace=False, axis=-1, temperature=1.0):
        x = x if inplace else compact(self.xp, x)
        if not are_floats(self.xp, x) or not _is_last(x, axis) or x.size == 0 or not temperature > 0:
            return NotImplemented
        Y, width = x if inplace else self.xp.empty_like(x), x.shape[-1]
        rows = x.size // width
        self._cuda("activation", "softmax", (x.dtype.name,), Grid.of_rows(rows, width), x, Y, rows, width, temperature)
        return _as_shares(Y)

    @launches(Activations.backprop_softmax)
    def backprop_softmax(self, Y, dY, *, axis=-1, temperature=1.0):
        Y, dY = compact(self.xp, Y), compact(self.xp, dY)
        if not are_floats(self.xp, Y, dY) or Y.shape != dY.shape or not _is_last(Y, axis) or Y.size == 0:
            return NotImplemented
        dX, width = self.xp.empty_like(Y), Y.shape[-1]
        rows, types = Y.size // width, (Y.dtype.name,)
        grid = Grid.of_rows(rows, width)
        self._cuda("activation", "backprop_softmax", types, grid, Y, dY, dX, rows, width, temperature)
        return dX

    @launches(Activations.maxout)
    def maxout(self, X):
        X = compact(self.xp, X)
        if not are_floats(self.xp, X) or X.ndim != 3 or X.shape[2] == 0:
            return NotImplemented
        best = self.xp.empty(X.shape[:2], X.dtype)
        which = self.xp.empty(X.shape[:2], "int32")
        if best.size:
            grid = Grid.of_elements(best.size)
            self._cuda("activation", "maxout", (X.dtype.name,), grid, X, best, which, best.size, X.shape[2])
        return best, remember(which, low=0, high=X.shape[2])

    @launches(Activations.backprop_maxout)
    def backprop_maxout(self, dY, which, P):
        dY, which = compact(self.xp, dY), compact(self.xp, which)
        if not are_floats(self.xp, dY) or not are_ints(self.xp, which) or dY.ndim != 2 or which.shape != dY.shape:
            return NotImplemented
        if P < 1 or not are_within(self, which, 0, P):
            return NotImplemented
        dX = self.xp.empty((*dY.shape, P), dY.dtype)
        if dX.size:
            grid = Grid.of_elements(dX.size)
            self._cuda("activation", "backprop_maxout", (dY.dtype.name,), grid, dY, which, dX, dY.size, P)
        return dX


def _as_shares(Y):
    """Keep in mind that all are in [0, 1]: a loss asks."""
    return Y if Y is NotImplemented else remember(Y, low=0, high=1)


def _is_last(X, axis):
    return X.ndim > 0 and axis in (-1, X.ndim - 1)
