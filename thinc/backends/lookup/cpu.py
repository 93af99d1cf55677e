"""The hashes and look-ups that run on compiled loops where these can work on the arrays."""

from functools import lru_cache

import numpy

from .._accelerate import accelerates, kernels
from .reference import Lookup, frequencies


@lru_cache(maxsize=16)
def _waves(D, period):
    """Frequency and phase of each column: cos(x) = sin(x + π/2).  They are only read."""
    return frequencies(numpy, D, period), numpy.arange(D) % 2 * (numpy.pi / 2)


class CpuLookup(Lookup):
    """See `Lookup` for the formulas."""

    @accelerates(Lookup.hash)
    def hash(self, ids, seed):
        return kernels.hash(ids, seed)

    @accelerates(Lookup.ngrams)
    def ngrams(self, n, keys):
        return kernels.ngrams(n, keys)

    @accelerates(Lookup.gather_add)
    def gather_add(self, table, indices):
        return kernels.gather_add(table, indices)

    @accelerates(Lookup.scatter_add)
    def scatter_add(self, table, indices, values):
        return kernels.scatter_add(table, indices, values)

    @accelerates(Lookup.hash_embed)
    def hash_embed(self, table, ids, seed):
        return kernels.hash_embed(table, ids, seed)

    @accelerates(Lookup.backprop_hash_embed)
    def backprop_hash_embed(self, dY, rows, d_table):
        return kernels.backprop_hash_embed(dY, rows, d_table)

    @accelerates(Lookup.sparse_affine)
    def sparse_affine(self, W, b, keys, values, lengths, length, shared):
        return kernels.sparse_affine(W, b, keys, values, lengths, length, shared)

    @accelerates(Lookup.backprop_sparse_affine)
    def backprop_sparse_affine(self, dY, keys, values, lengths, length, shared, dW):
        return kernels.backprop_sparse_affine(dY, keys, values, lengths, length, shared, dW)

    @accelerates(Lookup.position_encode)
    def position_encode(self, N, D, period=10000, out=None):
        if out is not None and (out.shape != (N, D) or out.dtype != "float32"):
            return NotImplemented
        Y = kernels.position_encode(N, D, *_waves(D, period))
        if out is None:
            return Y
        out[...] = Y
        return out
