"""Primitives of training."""

import numpy
import pytest

from thinc.backends import NumpyOps, Ops

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
