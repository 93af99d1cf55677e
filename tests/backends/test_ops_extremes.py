"""Elementwise operations on any shape, on huge numbers and on NaN."""

import numpy
import pytest
from contracts.op import FLOATS, Grad
from contracts.op_records.activation import ELEMENTWISE

from thinc.backends import NumpyOps, Ops

every_ops = pytest.mark.parametrize("ops", [Ops(), NumpyOps()], ids=["base", "numpy"])
dtypes = pytest.mark.parametrize("dtype", FLOATS)
grads = pytest.mark.parametrize("grad", [r for r in ELEMENTWISE if isinstance(r, Grad)], ids=str)


def forward_and_back(grad, ops, X):
    """Y, and dX for a gradient of ones."""
    Y = grad.of.run(ops, (X.copy(),))
    return Y, grad.run(ops, grad.order(numpy.ones_like(X), (X,), Y))


@grads
@every_ops
@pytest.mark.parametrize("shape", [(0,), (), (1,), (1, 1), (2, 3, 4), (1, 2, 3, 2)])
def test_any_shape(grad, ops, shape):
    Y, dX = forward_and_back(grad, ops, numpy.full(shape, 0.5, "float32"))
    assert Y.shape == dX.shape == shape


@grads
@every_ops
@dtypes
def test_huge_inputs_give_finite_results_without_warnings(grad, ops, dtype):
    big = float(numpy.finfo(dtype).max) ** 0.9
    X = numpy.array([-big, -300, -30, 30, 300, big], dtype)
    with numpy.errstate(over="raise", invalid="raise", divide="raise"):
        for result in forward_and_back(grad, ops, X):
            assert numpy.isfinite(result).all()


@grads
@every_ops
def test_nan_stays_visible(grad, ops):
    if grad.of.options.get("slope") != 0.0:
        Y, _ = forward_and_back(grad, ops, numpy.array([numpy.nan, 1.5], "float32"))
        assert numpy.isnan(Y).tolist() == [True, False]


@every_ops
def test_integers_are_not_silently_cut_off(ops):
    X = numpy.arange(4)
    assert ops.relu(X).dtype == X.dtype and ops.sigmoid(X).dtype == "float64"
    with pytest.raises(TypeError, match=r"inplace: got int64\[4\]"):
        ops.sigmoid(X, inplace=True)
