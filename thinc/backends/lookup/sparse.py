"""Linear models over hashed sparse features, in plain array operations."""

import numpy

from ...errors import ShapeError
from ...types import Floats1d, Floats2d, Ints1d
from .._known import as_ints
from ..arrays.reference import Arrays
from .murmur import mm3_32


class SparseFeatures(Arrays):
    """keys: (n,) uint64, one per feature.  values: (n,) float32.  lengths: (nB,), features of each text.

    Each key has two hashes h (MurmurHash3_x86_32, seeds 0 and 1).  The weight of class c is
    W[h mod length + c · length], with `shared` W[h & (length − 1) + c].
    """

    def sparse_affine(
        self, W: Floats1d, b: Floats1d, keys: Ints1d, values: Floats1d, lengths: Ints1d, length: int, shared: bool
    ) -> Floats2d:
        """Y[d, c] = b[c] + Σ value · weight of class c, over the features of text d and their hashes.

        W: (nO · length,).  b: (nO,).  Y: (nB, nO).
        """
        places, texts, amounts = self._sparse_places(b.size, keys, values, lengths, length, shared)
        Y = self.alloc((len(lengths), b.size), dtype=W.dtype) + b
        self.xp.add.at(Y, texts, W[places] * amounts[:, None])
        return Y

    def backprop_sparse_affine(
        self, dY: Floats2d, keys: Ints1d, values: Floats1d, lengths: Ints1d, length: int, shared: bool, dW: Floats1d
    ) -> None:
        """dW += the gradient of W, in place; only the weights of these features are touched."""
        places, texts, amounts = self._sparse_places(dY.shape[1], keys, values, lengths, length, shared)
        n, nO = len(texts) // 2, dY.shape[1]
        # Classes before hashes: classes that share weights meet in them, and sums are rounded in this order.
        ordered = (a.reshape(n, 2, nO).swapaxes(1, 2).ravel() for a in (places, dY[texts] * amounts[:, None]))
        self.xp.add.at(dW, *ordered)

    def _sparse_places(self, nO, keys, values, lengths, length, shared):
        """For each (feature, hash): its weights (2n, nO), its text (2n,), its value (2n,).

        Compatibility: the two hashes of a feature follow each other, so that sums are rounded as upstream's.
        """
        xp = self.xp
        n = int(lengths.sum())
        if n > len(keys) or n > len(values) or (len(lengths) and int(lengths.min()) < 0):
            raise ShapeError(
                f"sparse_affine: the lengths sum up to {n}, but there are {len(keys)} keys and {len(values)} values"
            )
        keys = keys[:n].astype("uint64", copy=False)
        hashes = xp.stack([mm3_32(keys, 0), mm3_32(keys, 1)], axis=1).astype("int64").ravel()
        step = 1 if shared else length
        start = hashes & (length - 1) if shared else hashes % length
        repeats = lengths if xp is numpy else as_ints(lengths)
        texts = xp.repeat(xp.arange(len(lengths)), repeats)
        return start[:, None] + xp.arange(nO) * step, xp.repeat(texts, 2), xp.repeat(values[:n], 2)
