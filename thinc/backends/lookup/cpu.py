"""The hashes and look-ups that run on compiled loops where these can work on the arrays."""

from functools import lru_cache

import numpy

from .._accelerate import accelerates, kernels, replaces
from .reference import Lookup, frequencies


@lru_cache(maxsize=16)
def _waves(D, period):
    """Frequency and phase of each column: cos(x) = sin(x + π/2).  They are only read."""
    return frequencies(numpy, D, period), numpy.arange(D) % 2 * (numpy.pi / 2)


class CpuLookup(Lookup):
    """See `Lookup` for the formulas."""

    @replaces(Lookup.hash)
    def hash(self, ids, seed):
        result = kernels.hash(ids, seed)
        return Lookup.hash(self, ids, seed) if result is NotImplemented else result

    @replaces(Lookup._hash_strings)
    def _hash_strings(self, strings):
        result = kernels.hash_strings(strings)
        return Lookup._hash_strings(self, strings) if result is NotImplemented else result

    @replaces(Lookup.ngrams)
    def ngrams(self, n, keys):
        result = kernels.ngrams(n, keys)
        return Lookup.ngrams(self, n, keys) if result is NotImplemented else result

    @replaces(Lookup.gather_add)
    def gather_add(self, table, indices):
        result = kernels.gather_add(table, indices)
        return Lookup.gather_add(self, table, indices) if result is NotImplemented else result

    @replaces(Lookup.scatter_add)
    def scatter_add(self, table, indices, values):
        result = kernels.scatter_add(table, indices, values)
        return Lookup.scatter_add(self, table, indices, values) if result is NotImplemented else result

    @replaces(Lookup.hash_embed)
    def hash_embed(self, table, ids, seed):
        result = kernels.hash_embed(table, ids, seed)
        return Lookup.hash_embed(self, table, ids, seed) if result is NotImplemented else result

    @replaces(Lookup.backprop_hash_embed)
    def backprop_hash_embed(self, dY, rows, d_table):
        result = kernels.backprop_hash_embed(dY, rows, d_table)
        return Lookup.backprop_hash_embed(self, dY, rows, d_table) if result is NotImplemented else result

    @replaces(Lookup.sparse_affine)
    def sparse_affine(self, W, b, keys, values, lengths, length, shared):
        result = kernels.sparse_affine(W, b, keys, values, lengths, length, shared)
        return (
            Lookup.sparse_affine(self, W, b, keys, values, lengths, length, shared)
            if result is NotImplemented
            else result
        )

    @replaces(Lookup.backprop_sparse_affine)
    def backprop_sparse_affine(self, dY, keys, values, lengths, length, shared, dW):
        result = kernels.backprop_sparse_affine(dY, keys, values, lengths, length, shared, dW)
        return (
            Lookup.backprop_sparse_affine(self, dY, keys, values, lengths, length, shared, dW)
            if result is NotImplemented
            else result
        )

    @accelerates(Lookup.position_encode)
    def position_encode(self, N, D, period=10000, out=None):
        if out is not None and (out.shape != (N, D) or out.dtype != "float32"):
            return NotImplemented
        Y = kernels.position_encode(N, D, *_waves(D, period))
        if out is None:
            return Y
        out[...] = Y
        return out
