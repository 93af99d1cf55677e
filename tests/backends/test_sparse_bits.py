"""The scores of SparseLinear are those of the published library to the last bit."""

import numpy
import pytest

from thinc.backends import NumpyOps, Ops
from thinc.backends.lookup.murmur import mm3_32


def scores(W, b, keys, values, lengths, length, shared):
    """One rounded product and one rounded sum after the other: for each feature, hash 0, then hash 1."""
    Y, feature = numpy.tile(b, (len(lengths), 1)), 0
    hashes = numpy.stack([mm3_32(keys, 0), mm3_32(keys, 1)], axis=1).astype("int64")
    starts = hashes & (length - 1) if shared else hashes % length
    places = starts[:, :, None] + numpy.arange(b.size) * (1 if shared else length)
    for text, count in enumerate(lengths):
        for _ in range(count):
            for place in places[feature]:
                Y[text] += W[place] * values[feature]
            feature += 1
    return Y


@pytest.mark.parametrize("ops", [Ops(), NumpyOps()], ids=["base", "numpy"])
@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("length", [64, 1000])
def test_bits(ops, shared, length):
    rng = numpy.random.default_rng(0)
    lengths = rng.integers(0, 20, size=50).astype("int32")
    keys = rng.integers(0, 2**63, size=int(lengths.sum()), dtype="uint64")
    values = rng.normal(size=keys.size).astype("float32")
    W, b = rng.normal(size=5 * length).astype("float32"), rng.normal(size=5).astype("float32")
    found = ops.sparse_affine(W, b, keys, values, lengths, length, shared)
    numpy.testing.assert_array_equal(found, scores(W, b, keys, values, lengths, length, shared))
