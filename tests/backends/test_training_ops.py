"""Primitives of training."""

import numpy
import pytest

from thinc.backends import NumpyOps, Ops
from thinc.backends._accelerate import kernels

ops = NumpyOps()


def test_dropout_mask():
    mask = ops.get_dropout_mask((200, 200), 0.5)
    assert mask.dtype == "float32" and set(numpy.unique(mask)) == {0.0, 2.0}
    assert (ops.get_dropout_mask((3,), None) == 1).all()
    assert (ops.get_dropout_mask((3,), 0.0) == 1).all()
    assert (ops.get_dropout_mask((3,), 1.0) == 0).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_adam_step(dtype):
    W, g, m1, m2 = (numpy.full(3, v, dtype) for v in (1.0, 2.0, 0.0, 0.0))
    got = Ops().adam(W, g, m1, m2, 0.9, 0.999, 1e-8, 0.1)
    assert got[0] is W and W.dtype == dtype
    assert numpy.allclose(m1, 0.2) and numpy.allclose(m2, 0.004)
    assert numpy.allclose(W, 1 - 0.1 * 0.2 / numpy.sqrt(0.004))
    with pytest.raises(ValueError):
        ops.adam(W, g[:2], m1, m2, 0.9, 0.999, 1e-8, 0.1)


def test_clip_gradient():
    g = numpy.array([3.0, 4.0], "f")
    assert numpy.allclose(ops.clip_gradient(g, 1.0), [0.6, 0.8]) and numpy.allclose(g, [0.6, 0.8])
    assert (ops.clip_gradient(numpy.zeros(2, "f"), 0.0) == 0).all()
    g.flags.writeable = False
    assert numpy.allclose(ops.clip_gradient(g, 0.5), [0.3, 0.4])


def test_update_averages():
    ema = numpy.zeros(2, "f")
    ops.update_averages(ema, numpy.ones(2, "f"), 0)
    assert numpy.allclose(ema, 0.9)


def test_logloss():
    got = ops.logloss(numpy.array([1.0, 0.0]), numpy.array([0.5, 0.5]))
    assert numpy.allclose(got, numpy.log(2), atol=1e-6)


def steps_of(which, n, dtype):
    """All that four calls with n random numbers return and leave behind."""
    rng = numpy.random.default_rng(n)
    W, g, m1, m2 = (abs(rng.normal(size=n)).astype(dtype) for _ in range(4))
    average, p = W.copy(), rng.uniform(size=n).astype(dtype)
    clipped = which.clip_gradient(g.copy(), 0.1)
    loss = which.logloss((p > 0.5).astype(dtype), p)
    which.adam(W, g, m1, m2, 0.9, 0.999, 1e-8, 0.1, 0.7)
    which.update_averages(average, W, 3)
    return W, g, m1, m2, average, clipped, loss


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n", [0, 1, 7, 33, 4095, 4096, 4225, 70001])
def test_kernels_agree_with_the_reference(n, dtype):
    for got, expected in zip(steps_of(ops, n, dtype), steps_of(Ops(), n, dtype), strict=True):
        assert got.dtype == expected.dtype == dtype
        numpy.testing.assert_allclose(got, expected, rtol=3e-6, atol=1e-6)


def test_adam_where_two_arrays_are_one():
    W, g, m = numpy.ones(40, "f"), numpy.ones(40, "f"), numpy.full(40, 0.5, "f")
    expected_W, expected_m = W.copy(), m.copy()
    Ops().adam(expected_W, g.copy(), expected_m, expected_m, 0.9, 0.999, 1e-8, 0.1)
    ops.adam(W, g, m, m, 0.9, 0.999, 1e-8, 0.1)
    assert numpy.allclose(W, expected_W) and numpy.allclose(m, expected_m)


def test_averages_of_a_shifted_view():
    whole, expected = numpy.arange(50, dtype="f"), numpy.arange(50, dtype="f")
    ops.update_averages(whole[1:], whole[:-1], 0)
    Ops().update_averages(expected[1:], expected[:-1], 0)
    assert numpy.array_equal(whole, expected)


def test_clip_gradient_leaves_nan_alone():
    g = numpy.array([3.0, numpy.nan] * 20, "f")
    assert numpy.array_equal(ops.clip_gradient(g.copy(), 1.0), g, equal_nan=True)


def test_unused_momentum_ends_at_zero():
    """0.9 of the smallest number is that number again, which is slow to calculate with."""
    W, g, m1, m2 = numpy.ones(20, "f"), numpy.ones(20, "f"), numpy.zeros(20, "f"), numpy.zeros(20, "f")
    for _ in range(1000):
        ops.adam(W, g, m1, m2, 0.9, 0.999, 1e-8, 0.001)
    assert (m1 == 0).all() or kernels is None
    m2.fill(1e-40)
    ops.adam(W, g, m1, m2, 0.9, 0.999, 1e-8, 0.001)
    assert (m2 == 0).all() or kernels is None


@pytest.mark.parametrize("eps", [1e-8, 1e-20, 1e-30, 0.0])
@pytest.mark.parametrize("sizes", [[1.0, 1.0, 1.0], [1.0, 0.0, 0.0], [1.0, -1.0, 0.5]])
def test_adam_with_gradients_whose_squares_are_denormal(eps, sizes):
    """Momentum without m2 would be divided by eps alone; m2 has a few digits left."""
    results = []
    for each in (ops, Ops()):
        W, m1, m2 = (numpy.zeros(20, "f") for _ in range(3))
        for size in sizes:
            each.adam(W, numpy.full(20, 1e-19 * size, "f"), m1, m2, 0.9, 0.999, eps, 0.001)
        results.append(W)
    assert abs(results[1]).max() < 0.02
    numpy.testing.assert_allclose(*results, rtol=1e-3)
