"""The hashes and look-ups that run on CUDA kernels where these can work on the arrays."""

import numpy

from .._cuda import Grid, Launcher, are_floats, are_ints, are_within, borders_of, compact, launches, width_of
from .._known import remember
from .reference import Lookup, frequencies


class CudaLookup(Lookup):
    """See `Lookup` for the formulas.  What is added to rows comes in no determined order."""

    _cuda: Launcher

    @launches(Lookup.hash)
    def hash(self, ids, seed):
        ids = compact(self.xp, ids)
        if not are_ints(self.xp, ids, "uint64") or ids.ndim != 1:
            return NotImplemented
        hashes = self.xp.empty((ids.size, 4), "uint32")
        if ids.size:
            self._cuda("lookup", "hash", (), Grid.of_elements(ids.size), ids, hashes, ids.size, int(seed) & 0xFFFFFFFF)
        return hashes

    @launches(Lookup.ngrams)
    def ngrams(self, n, keys):
        keys = compact(self.xp, keys)
        if not are_ints(self.xp, keys, "uint64") or keys.ndim != 1 or not 0 < n <= keys.size:
            return NotImplemented
        count = keys.size - n + 1
        Y = self.xp.empty(count, "uint64")
        self._cuda("lookup", "ngrams", (), Grid.of_elements(count), keys, Y, count, n)
        return Y

    @launches(Lookup.gather_add)
    def gather_add(self, table, indices):
        table, indices = compact(self.xp, table), compact(self.xp, indices)
        if not are_floats(self.xp, table) or not are_ints(self.xp, indices) or table.ndim != 2 or indices.ndim != 2:
            return NotImplemented
        if not are_within(self, indices, 0, len(table)):
            return NotImplemented
        return _add_rows(self, table, indices)

    @launches(Lookup.scatter_add)
    def scatter_add(self, table, indices, values):
        indices, values = compact(self.xp, indices), compact(self.xp, values)
        if not _can_add(self.xp, table, values) or not are_ints(self.xp, indices) or indices.ndim != 1:
            return NotImplemented
        if values.shape != (len(indices), *table.shape[1:]) or not are_within(self, indices, -len(table), len(table)):
            return NotImplemented
        _add_to_rows(self, table, indices, values, 1)

    @launches(Lookup.hash_embed)
    def hash_embed(self, table, ids, seed):
        # The ids may be a column of a matrix: they are read with their stride.
        if not are_floats(self.xp, table) or table.ndim != 2 or not 0 < len(table) < 2**31:
            return NotImplemented
        if not isinstance(ids, self.xp.ndarray) or ids.ndim != 1 or ids.dtype not in ("uint64", "int64"):
            return NotImplemented
        if ids.strides[0] % 8:
            return NotImplemented
        rows = self.xp.empty((ids.size, 4), "int32")
        if ids.size:
            keys, grid = ids.view("uint64"), Grid.of_elements(ids.size)
            start = int(seed) & 0xFFFFFFFF
            self._cuda("lookup", "hash_rows", (), grid, keys, ids.strides[0] // 8, rows, ids.size, start, len(table))
        return _add_rows(self, table, rows), remember(rows, low=0, high=len(table))

    @launches(Lookup.backprop_hash_embed)
    def backprop_hash_embed(self, dY, rows, d_table):
        dY, rows = compact(self.xp, dY), compact(self.xp, rows)
        if not _can_add(self.xp, d_table, dY) or d_table.ndim != 2 or not are_ints(self.xp, rows) or rows.ndim != 2:
            return NotImplemented
        if dY.shape != (len(rows), d_table.shape[1]) or not are_within(self, rows, 0, len(d_table)):
            return NotImplemented
        _add_to_rows(self, d_table, rows, dY, rows.shape[1])

    @launches(Lookup.sparse_affine)
    def sparse_affine(self, W, b, keys, values, lengths, length, shared):
        keys, values = compact(self.xp, keys), compact(self.xp, values)
        starts = _texts(self, lengths, keys, values)
        if starts is None or not are_floats(self.xp, W, b, values):
            return NotImplemented
        Y = self.xp.empty((len(lengths), b.size), W.dtype)
        if Y.size:
            arrays, grid = (W, b, keys, values, starts, Y), Grid.of_elements(Y.size)
            self._cuda("lookup", "sparse_affine", (W.dtype.name,), grid, *arrays, *Y.shape, len(keys), length, shared)
        return Y

    @launches(Lookup.backprop_sparse_affine)
    def backprop_sparse_affine(self, dY, keys, values, lengths, length, shared, dW):
        dY, keys, values = (compact(self.xp, array) for array in (dY, keys, values))
        starts = _texts(self, lengths, keys, values)
        if starts is None or not are_floats(self.xp, dW, dY, values):
            return NotImplemented
        if dY.size:
            arrays, grid = (dY, keys, values, starts, dW), Grid.of_elements(dY.size)
            self._cuda(
                "lookup",
                "backprop_sparse_affine",
                (dW.dtype.name,),
                grid,
                *arrays,
                *dY.shape,
                len(keys),
                length,
                shared,
            )

    @launches(Lookup.position_encode)
    def position_encode(self, N, D, period=10000, out=None):
        if N * D == 0 or (out is not None and (out.shape != (N, D) or not are_floats(self.xp, out))):
            return NotImplemented
        if out is not None and out.dtype != "float32":
            return NotImplemented
        Y = self.xp.empty((N, D), "float32") if out is None else out
        # One small copy to the device; cos(x) = sin(x + π/2).
        waves = self.xp.asarray(numpy.stack([frequencies(numpy, D, period), numpy.arange(D) % 2 * (numpy.pi / 2)]))
        self._cuda("lookup", "waves", (), Grid.of_elements(N * D), waves[0], waves[1], Y, N, D)
        return Y


def _can_add(xp, table, values):
    """Can the values be added to rows of the table, whose memory is another?"""
    if not are_floats(xp, table, values) or table.ndim != values.ndim or table.ndim == 0:
        return False
    return not xp.may_share_memory(table, values)


def _texts(ops, lengths, keys, values):
    """The first feature of each text, and the end; None where the reference has to look closer."""
    if not are_ints(ops.xp, keys, "uint64"):
        return None
    starts, total = borders_of(ops, lengths)
    return starts if starts is not None and len(starts) > 1 and total <= len(keys) == len(values) else None


def _add_rows(ops, table, indices):
    """Y[i] = Σ_k table[indices[i, k]], for indices that were checked."""
    Y = ops.xp.empty((len(indices), table.shape[1]), table.dtype)
    if Y.size:
        sizes = len(indices), indices.shape[1], table.shape[1], len(table)
        ops._cuda("lookup", "gather_add", (table.dtype.name,), Grid.of_elements(Y.size), table, indices, Y, *sizes)
    return Y


def _add_to_rows(ops, table, indices, values, K):
    """table[indices[i, k]] += values[i], for indices that were checked."""
    if values.size:
        sizes, grid = (len(indices), K, width_of(table), len(table)), Grid.of_elements(values.size)
        ops._cuda("lookup", "scatter_add", (table.dtype.name,), grid, table, indices, values, *sizes)
