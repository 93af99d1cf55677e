"""Softmax and maxout: sums, ties and the memory they write to."""

import numpy
import pytest

from thinc.backends import NumpyOps, Ops

every_ops = pytest.mark.parametrize("ops", [Ops(), NumpyOps()], ids=["base", "numpy"])
dtypes = pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])


@every_ops
@dtypes
def test_softmax_sums_to_one(ops, dtype):
    X = numpy.random.default_rng(3).uniform(-12, 12, (7, 5)).astype(dtype)
    for axis in (0, 1, -1):
        Y = ops.softmax(X, axis=axis, temperature=2.0)
        assert Y.dtype == dtype and Y is not X
        eps = numpy.finfo(dtype).eps
        numpy.testing.assert_allclose(Y.astype("f8").sum(axis), 1.0, atol=8 * eps)
    want = ops.softmax(X)
    assert ops.softmax(X, inplace=True) is X
    numpy.testing.assert_array_equal(X, want)
    assert ops.softmax(numpy.zeros((3, 0), dtype)).shape == (3, 0)


@every_ops
@dtypes
def test_maxout_takes_the_first_best_piece(ops, dtype):
    X = numpy.array([[[1, 3, 3], [2, 0, 1]], [[0, 0, 0], [-3, -2, -1]]], dtype)
    best, which = ops.maxout(X)
    assert best.dtype == dtype and which.dtype == "int32"
    assert best.tolist() == [[3, 2], [0, -1]] and which.tolist() == [[1, 0], [0, 2]]
    dX = ops.backprop_maxout(best, which, 3)
    assert dX.dtype == dtype
    assert dX.tolist() == [[[0, 3, 0], [2, 0, 0]], [[0, 0, 0], [0, 0, -1]]]
