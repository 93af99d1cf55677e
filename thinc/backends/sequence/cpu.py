"""The operations on sequences that run on compiled loops where these can work on the arrays."""

from ...types import Padded
from .._accelerate import accelerates, kernels
from .reference import Sequences


class CpuSequences(Sequences):
    """See `Sequences` for the formulas."""

    @accelerates(Sequences.reduce_sum)
    def reduce_sum(self, X, lengths):
        return kernels.reduce_sum(X, lengths, False)

    @accelerates(Sequences.backprop_reduce_sum)
    def backprop_reduce_sum(self, d_sums, lengths):
        return kernels.backprop_reduce_sum(d_sums, lengths, False)

    @accelerates(Sequences.reduce_mean)
    def reduce_mean(self, X, lengths):
        return kernels.reduce_sum(X, lengths, True)

    @accelerates(Sequences.backprop_reduce_mean)
    def backprop_reduce_mean(self, d_means, lengths):
        return kernels.backprop_reduce_sum(d_means, lengths, True)

    @accelerates(Sequences.reduce_max)
    def reduce_max(self, X, lengths):
        return kernels.reduce_max(X, lengths)

    @accelerates(Sequences.backprop_reduce_max)
    def backprop_reduce_max(self, d_maxes, which, lengths):
        return kernels.backprop_reduce_max(d_maxes, which, lengths)

    @accelerates(Sequences.reduce_first)
    def reduce_first(self, X, lengths):
        return kernels.reduce_first(X, lengths)

    @accelerates(Sequences.backprop_reduce_first)
    def backprop_reduce_first(self, d_firsts, starts_ends):
        return kernels.backprop_reduce_ends(d_firsts, starts_ends, True)

    @accelerates(Sequences.reduce_last)
    def reduce_last(self, X, lengths):
        return kernels.reduce_last(X, lengths)

    @accelerates(Sequences.backprop_reduce_last)
    def backprop_reduce_last(self, d_lasts, lasts):
        return kernels.backprop_reduce_ends(d_lasts, lasts, False)

    @accelerates(Sequences.softmax_sequences)
    def softmax_sequences(self, Xs, lengths, *, inplace=False, axis=-1):
        return kernels.softmax_sequences(Xs, lengths, inplace)

    @accelerates(Sequences.backprop_softmax_sequences)
    def backprop_softmax_sequences(self, dY, Y, lengths):
        return kernels.backprop_softmax_sequences(dY, Y, lengths)

    @accelerates(Sequences.seq2col)
    def seq2col(self, seq, nW, *, lengths=None):
        return kernels.seq2col(seq, nW, lengths)

    @accelerates(Sequences.backprop_seq2col)
    def backprop_seq2col(self, dY, nW, *, lengths=None):
        return kernels.backprop_seq2col(dY, nW, lengths)

    @accelerates(Sequences.flatten)
    def flatten(self, X, dtype=None, pad=0, ndim_if_empty=2):
        if type(X) is not list or dtype is not None:
            return NotImplemented
        return kernels.flatten(X, pad)

    @accelerates(Sequences.unflatten)
    def unflatten(self, X, lengths, pad=0):
        return kernels.unflatten(X, lengths, pad)

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

    @accelerates(Sequences.padded2list)
    def padded2list(self, padded):
        return kernels.unpad_time_first(padded.data, padded.lengths, padded.indices)
