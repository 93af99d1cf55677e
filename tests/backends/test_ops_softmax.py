"""Softmax and maxout: values, gradients, borders."""

import numpy
import pytest

from thinc.backends import NumpyOps, Ops
from thinc.errors import ShapeError

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
@pytest.mark.parametrize("axis", [0, -1])
@pytest.mark.parametrize("temperature", [1.0, 0.7])
def test_softmax_gradient_equals_finite_differences(ops, axis, temperature):
    X, dY = numpy.random.default_rng(1).normal(size=(2, 4, 3))
    options = {"axis": axis, "temperature": temperature}
    dX = ops.backprop_softmax(ops.softmax(X, **options), dY, **options)
    for i in numpy.ndindex(X.shape):
        step = numpy.zeros_like(X)
        step[i] = 1e-6
        change = ops.softmax(X + step, **options) - ops.softmax(X - step, **options)
        assert abs((change * dY).sum() / 2e-6 - dX[i]) < 1e-8


@every_ops
def test_softmax_mismatch_raises(ops):
    with pytest.raises(ShapeError, match="backprop_softmax"):
        ops.backprop_softmax(numpy.zeros(20, "f"), numpy.zeros(10, "f"))


@every_ops
@pytest.mark.parametrize("width", [None, 1, 3])
def test_softmax_of_sequences_is_the_softmax_of_each(ops, width):
    shape = (6,) if width is None else (6, width)
    X, dY = numpy.random.default_rng(1).normal(size=(2, *shape))
    lengths = numpy.array([2, 0, 4], "int32")
    Y = ops.softmax_sequences(X, lengths)
    dX = ops.backprop_softmax_sequences(dY, Y, lengths)
    for part in (slice(0, 2), slice(2, 6)):
        want = ops.softmax(X[part], axis=0)
        numpy.testing.assert_allclose(Y[part], want, rtol=1e-12)
        want = ops.backprop_softmax(want, dY[part], axis=0)
        numpy.testing.assert_allclose(dX[part], want, rtol=1e-11, atol=1e-14)
    with pytest.raises(NotImplementedError):
        ops.softmax_sequences(numpy.zeros((2, 2, 2)), lengths)


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


@every_ops
def test_maxout_of_nothing(ops):
    best, which = ops.maxout(numpy.zeros((0, 4, 3), "float32"))
    assert best.shape == which.shape == (0, 4)
    assert ops.backprop_maxout(best, which, 3).shape == (0, 4, 3)


@every_ops
@pytest.mark.parametrize("piece", [-1, 2])
def test_maxout_refuses_pieces_out_of_range(ops, piece):
    with pytest.raises(IndexError, match="backprop_maxout"):
        ops.backprop_maxout(numpy.ones((1, 1), "f"), numpy.full((1, 1), piece, "i"), 2)
