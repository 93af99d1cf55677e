"""Hash keys and look up rows of tables in plain array operations."""

from typing import Any

import numpy

from ...errors import DTypeError, ShapeError
from ...types import Floats2d, FloatsXd, Ints1d, Ints2d, IntsXd
from .murmur import U64, mm3_128, murmur3_32, murmur64a_windows
from .sparse import SparseFeatures

SHIFT = U64(32)


class Lookup(SparseFeatures):
    """Hashes of keys, rows of tables, codes of positions."""

    def hash(self, ids: Ints1d, seed: int) -> Ints2d:
        """Four uint32 hashes of each id: ids uint64 (n,) -> (n, 4).

        seed: an int in [0, 2³²).  Source: MurmurHash3_x64_128.
        """
        _check_keys("hash", ids)
        h1, h2 = mm3_128(ids, int(seed))
        keys = self.alloc((ids.shape[0], 4), dtype="uint32")
        for column, word in enumerate((h1, h1 >> SHIFT, h2, h2 >> SHIFT)):
            keys[:, column] = word.astype("uint32")
        return keys

    def _hash_strings(self, strings: Any) -> Ints2d:
        """(n, 1) uint64: MurmurHash3_x86_32 of the UTF-8 bytes of each of n strings, as a signed number."""
        hashes = [murmur3_32(string.encode("utf8")) for string in strings]
        signed = [value | 0xFFFFFFFF00000000 if value >> 31 else value for value in hashes]
        return self.xp.asarray(signed, dtype="uint64").reshape((-1, 1))

    def ngrams(self, n: int, keys: Ints1d) -> Ints1d:
        """A uint64 hash of each n neighbouring keys: keys uint64 (m,) -> (max(m-n+1, 0),)."""
        _check_keys("ngrams", keys)
        if n < 1 or keys.shape[0] < n:
            return self.alloc((0,), dtype="uint64")
        return murmur64a_windows(keys, n)

    def gather_add(self, table: Floats2d, indices: Ints2d) -> Floats2d:
        """Y[i] = Σ_k table[indices[i, k]].  table: (rows, w), indices: (n, K), Y: (n, w)."""
        if table.ndim != 2 or indices.ndim != 2:
            raise ShapeError(
                f"gather_add: the table has the shape {table.shape} and the indices {indices.shape}. Both need 2 axes."
            )
        _check_bounds("gather_add", indices, 0, table.shape[0])
        Y = self.alloc((indices.shape[0], table.shape[1]), dtype=table.dtype)
        for k in range(indices.shape[1]):
            Y += table[indices[:, k]]
        return Y

    def scatter_add(self, table: FloatsXd, indices: IntsXd, values: FloatsXd) -> Any:
        """table[indices[i]] += values[i], in place; an index that comes twice adds twice.

        A negative index counts from the end, as in `table[indices]`.
        """
        indices = self.xp.asarray(indices)
        _check_bounds("scatter_add", indices, -table.shape[0], table.shape[0])
        if indices.size:
            add_at(self.xp, table, indices, values)

    def hash_embed(self, table: Floats2d, ids: Ints1d, seed: int) -> tuple[Floats2d, Ints2d]:
        """Y[i] = Σ_k table[rows[i, k]], with rows[i, k] = hash_k(ids[i]) mod nV; also the rows.

        table: (nV, w).  ids: (n,), integers of any dtype.  Y: (n, w).  rows: (n, 4) int32.
        Svenstrup et al. 2017, arXiv:1709.03933.
        """
        # Some backends give the hashes as int32; the remainder is meant for uint32.
        hashes = self.hash(self.as_contig(ids.astype("uint64")), seed).astype("uint32", copy=False)
        rows = self.as_contig((hashes % table.shape[0]).astype("int32"))
        return self.gather_add(table, rows), rows

    def backprop_hash_embed(self, dY: Floats2d, rows: Ints2d, d_table: Floats2d) -> None:
        """d_table[rows[i, k]] += dY[i] for all k, in place.  dY: (n, w), rows: (n, K), d_table: (nV, w).

        Compatibility: all rows of one k before the next, so that sums are rounded as upstream's.
        """
        for k in range(rows.shape[1]):
            self.scatter_add(d_table, self.as_contig(rows[:, k]), dY)

    def position_encode(self, N: int, D: int, period: int = 10000, out: Floats2d | None = None) -> Floats2d:
        """Y[i, j] = sin(i / period^(2j/D)), Y[i, j+1] = cos(same), for j = 0, 2, 4, ...

        Y: (N, D) float32.  Vaswani et al. 2017, arXiv:1706.03762, section 3.5.
        Compatibility: the exponent is twice that of the paper, and the last column of an odd D
        takes the frequency of the pair before it.
        """
        xp = self.xp
        if out is not None and out.shape != (N, D):
            raise OutShapeError(f"position_encode: `out` has the shape {out.shape}, but ({N}, {D}) is needed.")
        Y: Floats2d = self.alloc((N, D)) if out is None else out
        angles = xp.arange(N)[:, None] * frequencies(xp, D, period)
        Y[:, 0::2] = xp.sin(angles[:, 0::2])
        Y[:, 1::2] = xp.cos(angles[:, 1::2])
        return Y


def frequencies(xp: Any, D: int, period: float) -> Any:
    """The frequency of each column of `position_encode`, (D,) float64."""
    pairs = xp.arange(D) // 2 * 2
    if D % 2 and D > 1:
        pairs[-1] -= 2
    return float(period) ** (-2.0 * pairs / max(D, 1))


def add_at(xp: Any, table: Any, indices: Any, values: Any) -> None:
    """table[indices[i]] += values[i], in place; CuPy itself adds to few types of numbers."""
    kind = table.dtype
    if xp is numpy or kind.name in ("int32", "uint32", "uint64") or kind.kind in "fc":
        xp.add.at(table, indices, values)
    elif kind == "int64":  # its sums have the bits of uint64
        xp.add.at(table.view("uint64"), indices, xp.asarray(values, "int64").view("uint64"))
    else:
        wide = table.astype("int32")
        xp.add.at(wide, indices, xp.asarray(values).astype("int32"))
        table[...] = wide.astype(kind)


class OutShapeError(ShapeError, AssertionError):
    """`out` has the wrong shape. Compatibility: an AssertionError too."""


class BoundsError(ShapeError, IndexError):
    """An index points outside of the table."""


def _check_keys(op, keys):
    dtype = getattr(keys, "dtype", type(keys).__name__)
    if dtype != "uint64":
        raise DTypeError(f"{op}: the keys are {dtype}. Give an array of uint64.")
    if keys.ndim != 1:
        raise ShapeError(f"{op}: the keys have the shape {keys.shape}. They need 1 axis.")


def _check_bounds(op, indices, low, high):
    if indices.dtype.kind not in "iu" and indices.size:
        raise DTypeError(f"{op}: the indices are {indices.dtype}. They have to be integers.")
    if indices.size and not low <= int(indices.min()) <= int(indices.max()) < high:
        raise BoundsError(
            f"{op}: the indices go from {int(indices.min())} to {int(indices.max())}, "
            f"but have to be in [{low}, {high})."
        )
