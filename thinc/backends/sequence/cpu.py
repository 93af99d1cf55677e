"""The operations on sequences that run on compiled loops where these can work on the arrays."""

from ...types import Padded
from .._accelerate import accelerates, kernels, replaces
from .reference import Sequences


class CpuSequences(Sequences):
    """See `Sequences` for the formulas."""

    @replaces(Sequences.reduce_sum)
    def reduce_sum(self, X, lengths):
        result = kernels.reduce_sum(X, lengths, False)
        return Sequences.reduce_sum(self, X, lengths) if result is NotImplemented else result

    @replaces(Sequences.backprop_reduce_sum)
    def backprop_reduce_sum(self, d_sums, lengths):
        result = kernels.backprop_reduce_sum(d_sums, lengths, False)
        return Sequences.backprop_reduce_sum(self, d_sums, lengths) if result is NotImplemented else result

    @replaces(Sequences.reduce_mean)
    def reduce_mean(self, X, lengths):
        result = kernels.reduce_sum(X, lengths, True)
        return Sequences.reduce_mean(self, X, lengths) if result is NotImplemented else result

    @replaces(Sequences.backprop_reduce_mean)
    def backprop_reduce_mean(self, d_means, lengths):
        result = kernels.backprop_reduce_sum(d_means, lengths, True)
        return Sequences.backprop_reduce_mean(self, d_means, lengths) if result is NotImplemented else result

    @replaces(Sequences.reduce_max)
    def reduce_max(self, X, lengths):
        result = kernels.reduce_max(X, lengths)
        return Sequences.reduce_max(self, X, lengths) if result is NotImplemented else result

    @replaces(Sequences.backprop_reduce_max)
    def backprop_reduce_max(self, d_maxes, which, lengths):
        result = kernels.backprop_reduce_max(d_maxes, which, lengths)
        return Sequences.backprop_reduce_max(self, d_maxes, which, lengths) if result is NotImplemented else result

    @replaces(Sequences.reduce_first)
    def reduce_first(self, X, lengths):
        result = kernels.reduce_first(X, lengths)
        return Sequences.reduce_first(self, X, lengths) if result is NotImplemented else result

    @replaces(Sequences.backprop_reduce_first)
    def backprop_reduce_first(self, d_firsts, starts_ends):
        result = kernels.backprop_reduce_ends(d_firsts, starts_ends, True)
        return Sequences.backprop_reduce_first(self, d_firsts, starts_ends) if result is NotImplemented else result

    @replaces(Sequences.reduce_last)
    def reduce_last(self, X, lengths):
        result = kernels.reduce_last(X, lengths)
        return Sequences.reduce_last(self, X, lengths) if result is NotImplemented else result

    @replaces(Sequences.backprop_reduce_last)
    def backprop_reduce_last(self, d_lasts, lasts):
        result = kernels.backprop_reduce_ends(d_lasts, lasts, False)
        return Sequences.backprop_reduce_last(self, d_lasts, lasts) if result is NotImplemented else result

    @replaces(Sequences.softmax_sequences)
    def softmax_sequences(self, Xs, lengths, *, inplace=False, axis=-1):
        result = kernels.softmax_sequences(Xs, lengths, inplace)
        return (
            Sequences.softmax_sequences(self, Xs, lengths, inplace=inplace, axis=axis)
            if result is NotImplemented
            else result
        )

    @replaces(Sequences.backprop_softmax_sequences)
    def backprop_softmax_sequences(self, dY, Y, lengths):
        result = kernels.backprop_softmax_sequences(dY, Y, lengths)
        return Sequences.backprop_softmax_sequences(self, dY, Y, lengths) if result is NotImplemented else result

    @replaces(Sequences.seq2col)
    def seq2col(self, seq, nW, *, lengths=None):
        result = kernels.seq2col(seq, nW, lengths)
        return Sequences.seq2col(self, seq, nW, lengths=lengths) if result is NotImplemented else result

    @replaces(Sequences.backprop_seq2col)
    def backprop_seq2col(self, dY, nW, *, lengths=None):
        result = kernels.backprop_seq2col(dY, nW, lengths)
        return Sequences.backprop_seq2col(self, dY, nW, lengths=lengths) if result is NotImplemented else result

    @accelerates(Sequences.flatten)
    def flatten(self, X, dtype=None, pad=0, ndim_if_empty=2):
        if type(X) is not list or dtype is not None:
            return NotImplemented
        return kernels.flatten(X, pad)

    @replaces(Sequences.unflatten)
    def unflatten(self, X, lengths, pad=0):
        result = kernels.unflatten(X, lengths, pad)
        return Sequences.unflatten(self, X, lengths, pad) if result is NotImplemented else result

    @accelerates(Sequences.pad)
    def pad(self, seqs, round_to=1):
        if round_to < 1 or len(seqs) == 0:
            return NotImplemented
        longest = max(map(len, seqs))
        return kernels.pad(seqs, -(-longest // round_to) * round_to, False)

    @accelerates(Sequences.list2padded)
    def list2padded(self, seqs):
        found = kernels.list2padded(seqs) if type(seqs) is list else NotImplemented
        return found if found is NotImplemented else Padded(*found)

    @replaces(Sequences.padded2list)
    def padded2list(self, padded):
        result = kernels.unpad_time_first(padded.data, padded.lengths, padded.indices)
        return Sequences.padded2list(self, padded) if result is NotImplemented else result

    @replaces(Sequences._reverse_sequences)
    def _reverse_sequences(self, data, lengths):
        result = kernels.reverse_sequences(data, lengths)
        return Sequences._reverse_sequences(self, data, lengths) if result is NotImplemented else result
