"""The operations on sequences that run on CUDA kernels where these can work on the arrays."""

from .._cuda import (
    Grid,
    Launcher,
    address_of,
    are_floats,
    are_ints,
    borders_of,
    check_one_device,
    compact,
    launches,
    width_of,
)
from .._known import known, remember
from .reference import Sequences


class CudaSequences(Sequences):
    """See `Sequences` for the formulas."""

    _cuda: Launcher

    @launches(Sequences.reduce_sum)
    def reduce_sum(self, X, lengths):
        return _reduce_sum(self, X, lengths, False)

    @launches(Sequences.backprop_reduce_sum)
    def backprop_reduce_sum(self, d_sums, lengths):
        return _backprop_reduce_sum(self, d_sums, lengths, False)

    @launches(Sequences.reduce_mean)
    def reduce_mean(self, X, lengths):
        return _reduce_sum(self, X, lengths, True)

    @launches(Sequences.backprop_reduce_mean)
    def backprop_reduce_mean(self, d_means, lengths):
        return _backprop_reduce_sum(self, d_means, lengths, True)

    @launches(Sequences.reduce_max)
    def reduce_max(self, X, lengths):
        X = compact(self.xp, X)
        starts, total = borders_of(self, lengths, least=1)
        if starts is None or not _are_rows(self.xp, X) or total > len(X):
            return NotImplemented
        Y = self.xp.empty((len(starts) - 1, *X.shape[1:]), X.dtype)
        which = self.xp.empty(Y.shape, "int32")
        _launch(self, "reduce_max", X, len(Y), width_of(X), X, Y, which, starts, len(Y), len(X), width_of(X))
        return Y, remember(which, of=lengths)

    @launches(Sequences.backprop_reduce_max)
    def backprop_reduce_max(self, d_maxes, which, lengths):
        dY, which = compact(self.xp, d_maxes), compact(self.xp, which)
        starts, total = borders_of(self, lengths, least=1)
        if starts is None or not _are_rows(self.xp, dY) or not are_ints(self.xp, which) or which.shape != dY.shape:
            return NotImplemented
        if len(dY) != len(starts) - 1:
            return NotImplemented
        dX, outside = self.xp.empty((total, *dY.shape[1:]), dY.dtype), self.xp.zeros(1, "int32")
        n, w = len(dY), width_of(dY)
        _launch(self, "backprop_reduce_max", dY, n, w, dY, which, dX, starts, n, total, w, outside)
        is_ours = known(which).of is not None and known(which).of() is lengths
        return dX if is_ours or not int(outside[0]) else NotImplemented

    @launches(Sequences.softmax_sequences)
    def softmax_sequences(self, Xs, lengths, *, inplace=False, axis=-1):
        Xs = Xs if inplace else compact(self.xp, Xs)
        starts, total = borders_of(self, lengths)
        if starts is None or not _are_rows(self.xp, Xs) or Xs.ndim > 2 or total != len(Xs):
            return NotImplemented
        Y, sizes = Xs if inplace else self.xp.empty_like(Xs), (len(starts) - 1, width_of(Xs))
        _launch(self, "softmax", Xs, *sizes, Xs, Y, starts, sizes[0], total, sizes[1])
        return Y

    @launches(Sequences.backprop_softmax_sequences)
    def backprop_softmax_sequences(self, dY, Y, lengths):
        dY, Y = compact(self.xp, dY), compact(self.xp, Y)
        starts, total = borders_of(self, lengths)
        if starts is None or not are_floats(self.xp, dY, Y) or dY.shape != Y.shape or dY.ndim == 0 or total != len(Y):
            return NotImplemented
        dX, sizes = self.xp.empty_like(dY), (len(starts) - 1, width_of(dY))
        _launch(self, "backprop_softmax", dY, *sizes, dY, Y, dX, starts, sizes[0], total, sizes[1])
        return dX

    @launches(Sequences.seq2col)
    def seq2col(self, seq, nW, *, lengths=None):
        X = compact(self.xp, seq)
        if not are_floats(self.xp, X) or X.ndim != 2 or nW < 0:
            return NotImplemented
        starts = _spans(self, len(X), lengths)
        if starts is None:
            return NotImplemented
        (n, w), columns = X.shape, X.shape[1] * (2 * nW + 1)
        Y = self.xp.empty((n, columns), X.dtype)
        _launch(self, "seq2col", X, n, columns, X, Y, starts, len(starts) - 1, n, w, nW)
        return Y

    @launches(Sequences.backprop_seq2col)
    def backprop_seq2col(self, dY, nW, *, lengths=None):
        dY = compact(self.xp, dY)
        if not are_floats(self.xp, dY) or dY.ndim != 2 or nW < 0 or dY.shape[1] % (2 * nW + 1):
            return NotImplemented
        starts = _spans(self, len(dY), lengths)
        if starts is None:
            return NotImplemented
        n, w = len(dY), dY.shape[1] // (2 * nW + 1)
        dX = self.xp.empty((n, w), dY.dtype)
        _launch(self, "backprop_seq2col", dY, n, w, dY, dX, starts, len(starts) - 1, n, w, nW)
        return dX

    @launches(Sequences.pad)
    def pad(self, seqs, round_to=1):
        if round_to < 1 or len(seqs) == 0:
            return NotImplemented
        seqs = [compact(self.xp, x) for x in seqs]  # lives until the kernel is in the queue
        first = seqs[0]
        if not all(_are_rows(self.xp, x) and x.dtype == first.dtype and x.shape[1:] == first.shape[1:] for x in seqs):
            return NotImplemented
        check_one_device("pad", [*seqs, self.xp.empty(0)])
        longest = -(-max(map(len, seqs)) // round_to) * round_to
        Y = self.xp.empty((len(seqs), longest, *first.shape[1:]), first.dtype)
        table = self.xp.asarray([(address_of(x), len(x)) for x in seqs], "int64").T
        addresses, lengths = self.xp.ascontiguousarray(table)
        sizes = len(seqs), longest, width_of(first)
        _launch(self, "pad", first, len(seqs) * longest, sizes[2], addresses.view("uint64"), lengths, Y, *sizes)
        return Y


def _launch(ops, kernel, like, pieces, width, *values):
    """Launch unless there is nothing to do: threads along the width, blocks along the pieces."""
    if pieces and width:
        ops._cuda("sequence", kernel, (like.dtype.name,), Grid.of_columns(pieces, width), *values)


def _reduce_sum(ops, X, lengths, mean):
    X = compact(ops.xp, X)
    starts, total = borders_of(ops, lengths)
    if starts is None or not _are_rows(ops.xp, X) or total > len(X):
        return NotImplemented
    Y = ops.xp.empty((len(starts) - 1, *X.shape[1:]), X.dtype)
    _launch(ops, "reduce_sum", X, len(Y), width_of(X), X, Y, starts, len(Y), len(X), width_of(X), mean)
    return Y


def _backprop_reduce_sum(ops, dY, lengths, mean):
    dY = compact(ops.xp, dY)
    starts, total = borders_of(ops, lengths)
    if starts is None or not _are_rows(ops.xp, dY) or len(dY) != len(starts) - 1:
        return NotImplemented
    dX = ops.xp.empty((total, *dY.shape[1:]), dY.dtype)
    _launch(ops, "backprop_reduce_sum", dY, len(dY), width_of(dY), dY, dX, starts, len(dY), total, width_of(dY), mean)
    return dX


def _are_rows(xp, X):
    return are_floats(xp, X) and X.ndim > 0


def _spans(ops, n, lengths):
    """The borders of the sequences in n rows; all rows are one sequence without lengths."""
    if lengths is None:
        return ops.xp.asarray([0, n], "int64")
    starts, total = borders_of(ops, lengths)
    return starts if starts is not None and total == n else None
