"""Reduce each sequence of a ragged batch to one row.

Axes: X (rows, w), lengths (B,), results (B, w). All sequences stand one below the other in X.
"""

from itertools import accumulate

import numpy

from ...errors import ShapeError
from ...types import Floats2d, Ints1d, Ints2d
from .._known import as_host, as_ints
from ..arrays.reference import Arrays
from .lengths import LengthsError, check_count, check_lengths, check_rows, starts_of


class Reductions(Arrays):
    """Sum, mean, maximum, first and last row of each sequence; softmax within each."""

    def reduce_sum(self, X: Floats2d, lengths: Ints1d) -> Floats2d:
        """Y[b] = Σ rows of sequence b; zeros for an empty sequence. Extra rows are ignored."""
        lengths = check_lengths(self, "reduce_sum", lengths)
        check_rows("reduce_sum", X, lengths)
        return _reduce(self, "add", X, lengths, X.dtype)

    def backprop_reduce_sum(self, d_sums: Floats2d, lengths: Ints1d) -> Floats2d:
        """dX[row] = d_sums[its sequence]."""
        lengths = _check_backward(self, "backprop_reduce_sum", d_sums, lengths)
        return self.xp.repeat(d_sums, _repeats(self, lengths), axis=0)

    def reduce_mean(self, X: Floats2d, lengths: Ints1d) -> Floats2d:
        """Y[b] = Σ rows of sequence b / length; zeros for an empty sequence."""
        lengths = check_lengths(self, "reduce_mean", lengths)
        check_rows("reduce_mean", X, lengths)
        sums = _reduce(self, "add", X, lengths, X.dtype)
        return _divide(self, sums, lengths)

    def backprop_reduce_mean(self, d_means: Floats2d, lengths: Ints1d) -> Floats2d:
        """dX[row] = d_means[its sequence] / length."""
        lengths = _check_backward(self, "backprop_reduce_mean", d_means, lengths)
        shares = _divide(self, d_means, lengths)
        return self.xp.repeat(shares, _repeats(self, lengths), axis=0)

    def reduce_max(self, X: Floats2d, lengths: Ints1d) -> tuple[Floats2d, Ints2d]:
        """Y[b, i] = max over the rows of sequence b; also which row (int32, counted within b).

        The first of equal rows wins; NaN counts as the largest.
        """
        xp = self.xp
        lengths = check_lengths(self, "reduce_max", lengths, minimum=1)
        total = check_rows("reduce_max", X, lengths)
        maxes = _reduce(self, "maximum", X, lengths, X.dtype)
        X, repeats = X[:total], _repeats(self, lengths)
        is_max = (X == xp.repeat(maxes, repeats, axis=0)) | (X != X)
        row = xp.arange(total) - xp.repeat(starts_of(xp, lengths), repeats)
        row = row.reshape((total,) + (1,) * (X.ndim - 1))
        candidates = xp.where(is_max, row, total).astype("int32")
        return maxes, _reduce(self, "minimum", candidates, lengths, "int32")

    def backprop_reduce_max(self, d_maxes: Floats2d, which: Ints2d, lengths: Ints1d) -> Floats2d:
        """dX[start of b + which[b, i], i] = d_maxes[b, i], else 0."""
        xp, op = self.xp, "backprop_reduce_max"
        lengths = _check_backward(self, op, d_maxes, lengths, minimum=1)
        if which.shape != d_maxes.shape:
            raise ShapeError(f"{op}: which is {which.shape}, the gradient {d_maxes.shape}; give what reduce_max gave.")
        per_row = lengths.reshape((-1,) + (1,) * (d_maxes.ndim - 1))
        if bool(((which < 0) | (which >= per_row)).any()):
            raise LengthsError(f"{op}: `which` points to a row outside of its sequence.")
        width = _size(d_maxes.shape[1:])
        dX = self.alloc((int(lengths.sum()), width), dtype=d_maxes.dtype)
        rows = starts_of(xp, lengths).reshape(per_row.shape) + which
        flat = (lengths.shape[0], width)
        dX[rows.reshape(flat), xp.arange(width)] = d_maxes.reshape(flat)
        return dX.reshape((dX.shape[0],) + d_maxes.shape[1:])

    def reduce_first(self, X: Floats2d, lengths: Ints1d) -> tuple[Floats2d, Ints1d]:
        """Y[b] = first row of sequence b; also the borders [0, cumsum(lengths)] (B + 1,)."""
        if _is_empty(lengths):
            return self.alloc((0,) + X.shape[1:], dtype=X.dtype), lengths
        lengths = check_lengths(self, "reduce_first", lengths, minimum=1)
        check_rows("reduce_first", X, lengths, exact=True)
        starts_ends = self.asarray1i([0, *accumulate(as_ints(lengths))])
        return X[starts_ends[:-1]], starts_ends

    def backprop_reduce_first(self, d_firsts: Floats2d, starts_ends: Ints1d) -> Floats2d:
        """dX[start of b] = d_firsts[b], else 0."""
        if _is_empty(starts_ends):
            return self.alloc((0,) + d_firsts.shape[1:], dtype=d_firsts.dtype)
        if starts_ends.size != d_firsts.shape[0] + 1 or starts_ends.size == 1:
            raise ShapeError(
                f"backprop_reduce_first: {d_firsts.shape[0]} sequences need as many starts "
                f"and one end, but {starts_ends.size} numbers came."
            )
        shape = (int(as_host(starts_ends)[-1]),) + d_firsts.shape[1:]
        dX = self.alloc(shape, dtype=d_firsts.dtype)
        dX[starts_ends[:-1]] = d_firsts
        return dX

    def reduce_last(self, X: Floats2d, lengths: Ints1d) -> tuple[Floats2d, Ints1d]:
        """Y[b] = last row of sequence b; also the index of that row (B,)."""
        if _is_empty(lengths):
            return self.alloc((0,) + X.shape[1:], dtype=X.dtype), lengths
        lengths = check_lengths(self, "reduce_last", lengths, minimum=1)
        check_rows("reduce_last", X, lengths, exact=True)
        lasts = self.asarray(numpy.cumsum(as_host(lengths), dtype="int64") - 1)
        return X[lasts], lasts

    def backprop_reduce_last(self, d_lasts: Floats2d, lasts: Ints1d) -> Floats2d:
        """dX[end of b] = d_lasts[b], else 0."""
        if _is_empty(lasts):
            return self.alloc((0,) + d_lasts.shape[1:], dtype=d_lasts.dtype)
        check_count("backprop_reduce_last", d_lasts, lasts)
        dX = self.alloc((int(as_host(lasts)[-1]) + 1,) + d_lasts.shape[1:], dtype=d_lasts.dtype)
        dX[lasts] = d_lasts
        return dX

    def softmax_sequences(self, Xs: Floats2d, lengths: Ints1d, *, inplace: bool = False, axis: int = -1) -> Floats2d:
        """Y = exp(x) / Σ over the sequence exp(x), per column; x is clipped to ±20.

        Xs: (rows,) or (rows, w).  Compatibility: `axis` changes nothing.
        """
        if Xs.ndim >= 3:
            raise NotImplementedError(f"softmax_sequences: X has the shape {Xs.shape}. Reshape it to 2 axes.")
        lengths = check_lengths(self, "softmax_sequences", lengths)
        check_rows("softmax_sequences", Xs, lengths, exact=True)
        # exp(20) does not fit into float16.
        wide = Xs.astype("float32") if Xs.dtype == "float16" else Xs
        exps = self.xp.exp(self.xp.clip(wide, -20.0, 20.0))
        sums = _reduce(self, "add", exps, lengths, exps.dtype)
        exps /= self.xp.repeat(sums, _repeats(self, lengths), axis=0)
        if not inplace:
            return exps.astype(Xs.dtype, copy=False)
        Xs[...] = exps
        return Xs

    def backprop_softmax_sequences(self, dY: Floats2d, Y: Floats2d, lengths: Ints1d) -> Floats2d:
        """dX = Y·dY - Y·Σ over the sequence (Y·dY)."""
        op = "backprop_softmax_sequences"
        if dY.shape != Y.shape:
            raise ShapeError(f"{op}: dY is {dY.shape}, Y is {Y.shape}. They have to be the same.")
        lengths = check_lengths(self, op, lengths)
        check_rows(op, Y, lengths, exact=True)
        dX = Y * dY
        sums = _reduce(self, "add", dX, lengths, dX.dtype)
        dX -= Y * self.xp.repeat(sums, _repeats(self, lengths), axis=0)
        return dX


def _reduce(ops, name, X, lengths, dtype):
    """Y[b] = the ufunc of this name over the rows of b; zeros where b is empty."""
    Y = ops.alloc((lengths.shape[0],) + X.shape[1:], dtype=dtype)
    total = int(lengths.sum())
    if not total or not Y.size:
        return Y
    # reduceat would give an empty sequence the row of its neighbour: leave it out.
    full, starts = lengths > 0, starts_of(ops.xp, lengths)
    if name == "add" or ops.xp is numpy:
        Y[full] = getattr(ops.xp, name).reduceat(X[:total], starts[full], axis=0)
        return Y
    for b, (start, length) in enumerate(zip(starts.tolist(), lengths.tolist())):  # CuPy can only add
        if length:
            rows = X[start : start + length]
            Y[b] = rows.max(axis=0) if name == "maximum" else rows.min(axis=0)
    return Y


def _divide(ops, Y, lengths):
    """Y[b] / max(length of b, 1), in the dtype of Y."""
    divisor = ops.xp.maximum(lengths, 1).reshape((-1,) + (1,) * (Y.ndim - 1))
    return Y / divisor.astype(Y.dtype)


def _repeats(ops, lengths):
    """Lengths as `repeat` takes them: cupy wants a list."""
    return lengths if ops.xp is numpy else as_ints(lengths)


def _check_backward(ops, op, dY, lengths, minimum=0):
    """Checked lengths of a backward pass, one per row of dY."""
    lengths = check_lengths(ops, op, lengths, minimum)
    check_count(op, dY, lengths)
    return lengths


def _is_empty(lengths):
    return len(lengths) == 0


def _size(shape):
    size = 1
    for extent in shape:
        size *= extent
    return size
