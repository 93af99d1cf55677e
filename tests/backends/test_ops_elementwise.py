"""Every elementwise operation against a float64 formula, from one table of records."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy
import pytest

from thinc.backends import NumpyOps, Ops
from thinc.errors import DTypeError, ShapeError

erf = numpy.vectorize(math.erf, otypes=["float64"])


def sigma(X):
    return 1 / (1 + numpy.exp(-X))


@dataclass
class Case:
    """op: the name.  oracle: the formula in float64.  error: of the formula itself.

    backprop: (ops, dY, X, Y, inplace) -> dX.  corners: where there is no derivative.
    """

    op: str
    oracle: Callable
    backprop: Callable
    corners: tuple = ()
    options: dict = field(default_factory=dict)
    error: float = 0.0

    def __str__(self):
        return self.op + "".join(f"-{key}={value}" for key, value in self.options.items())

    def forward(self, ops, X, **inplace):
        return getattr(ops, self.op)(X, **self.options, **inplace)


def from_X(op, oracle, corners=(), error=0.0, **options):
    def backprop(ops, dY, X, Y, **inplace):
        return getattr(ops, "backprop_" + op)(dY, X, **options, **inplace)

    return Case(op, oracle, backprop, corners, options, error)


CASES = [
    Case(
        "relu",
        lambda X: numpy.maximum(X, 0),
        lambda ops, dY, X, Y, **inplace: ops.backprop_relu(dY, Y, **inplace),
        corners=(0,),
    ),
    Case(
        "sigmoid",
        sigma,
        lambda ops, dY, X, Y, **inplace: ops.backprop_sigmoid(dY, Y, **inplace),
        error=1e-8,
    ),
    Case(
        "swish",
        lambda X: X * sigma(X),
        lambda ops, dY, X, Y, **inplace: ops.backprop_swish(dY, X, Y, **inplace),
        error=1e-7,
    ),
    from_X("clipped_linear", lambda X: numpy.clip(X, 0, 1), corners=(0, 1)),
    from_X(
        "clipped_linear",
        lambda X: numpy.clip(-0.5 * X + 0.25, -1, 2),
        corners=(2.5, -3.5),
        slope=-0.5,
        offset=0.25,
        min_val=-1.0,
        max_val=2.0,
    ),
    from_X("clipped_linear", lambda X: numpy.full_like(X, 0.5), slope=0.0, offset=0.5),
    from_X("relu_k", lambda X: numpy.clip(X, 0, 6), corners=(0, 6)),
    from_X("relu_k", lambda X: numpy.clip(X, 0, 2), corners=(0, 2), n=2.0),
    from_X("hard_sigmoid", lambda X: numpy.clip(0.2 * X + 0.5, 0, 1), corners=(-2.5, 2.5)),
    from_X("hard_tanh", lambda X: numpy.clip(X, -1, 1), corners=(-1, 1)),
    from_X("hard_swish", lambda X: X * numpy.clip(0.2 * X + 0.5, 0, 1), corners=(-2.5, 2.5)),
    from_X("hard_swish_mobilenet", lambda X: X * numpy.clip(X + 3, 0, 6) / 6, corners=(-3, 3)),
    from_X("dish", lambda X: 0.5 * X * (X / numpy.sqrt(1 + X * X) + 1)),
    from_X("gelu", lambda X: 0.5 * X * (1 + erf(X / math.sqrt(2))), error=1e-5),
    from_X(
        "gelu_approx",
        lambda X: 0.5 * X * (1 + numpy.tanh(math.sqrt(2 / math.pi) * (X + 0.044715 * X**3))),
    ),
    from_X("mish", lambda X: X * numpy.tanh(numpy.log1p(numpy.exp(X)))),
    from_X(
        "mish",
        lambda X: numpy.where(X >= 5, X, X * numpy.tanh(numpy.log1p(numpy.exp(X)))),
        corners=(5,),
        threshold=5.0,
    ),
]
cases = pytest.mark.parametrize("case", CASES, ids=str)
every_ops = pytest.mark.parametrize("ops", [Ops(), NumpyOps()], ids=["base", "numpy"])
dtypes = pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])


def some_X(case, dtype="float64", shape=(7, 5)):
    """Numbers in ±12, none so near to a corner that a difference quotient crosses it."""
    X = numpy.random.default_rng(3).uniform(-12, 12, shape)
    X.flat[: min(X.size, 12)] = numpy.linspace(-2, 2, 12)[: X.size]
    for corner in case.corners:
        X[numpy.abs(X - corner) < 0.01] += 0.03
    return X.astype(dtype)


def tolerance(dtype, scale, case):
    return 16 * numpy.finfo(dtype).eps * max(1.0, scale) + case.error


def run_backprop(case, ops, dY, X, **inplace):
    return case.backprop(ops, dY, X, case.forward(ops, X), **inplace)


@cases
@every_ops
@dtypes
def test_value_and_dtype(case, ops, dtype):
    X = some_X(case, dtype)
    Y = case.forward(ops, X)
    assert Y.dtype == dtype and Y is not X
    want = case.oracle(X.astype("float64"))
    numpy.testing.assert_allclose(Y, want, rtol=0, atol=tolerance(dtype, 12, case))


@cases
@every_ops
def test_gradient_equals_finite_differences(case, ops):
    X, h = some_X(case), 1e-5
    dY = numpy.random.default_rng(5).normal(size=X.shape)
    want = dY * (case.oracle(X + h) - case.oracle(X - h)) / (2 * h)
    dX = run_backprop(case, ops, dY, X)
    numpy.testing.assert_allclose(dX, want, rtol=0, atol=1e-7 + 4 * case.error)


@cases
@every_ops
@dtypes
def test_gradient_keeps_dtype_and_follows_float64(case, ops, dtype):
    X = some_X(case, dtype)
    dX = run_backprop(case, ops, numpy.ones_like(X), X)
    wide = X.astype("float64")
    want = run_backprop(case, ops, numpy.ones_like(wide), wide)
    assert dX.dtype == dtype
    # The slope is computed from numbers that were rounded themselves.
    numpy.testing.assert_allclose(dX, want, rtol=0, atol=4 * tolerance(dtype, 12, case))


def layouts(X):
    frozen = X.copy()
    frozen.flags.writeable = False
    wide = numpy.zeros((X.shape[0], 2 * X.shape[1]), X.dtype)
    wide[:, ::2] = X
    return {"read-only": frozen, "strided": wide[:, ::2], "Fortran": numpy.asfortranarray(X)}


@cases
@every_ops
@pytest.mark.parametrize("layout", ["read-only", "strided", "Fortran"])
def test_inputs_stay_untouched_in_any_layout(case, ops, layout):
    X, dY = some_X(case, "float32"), some_X(case, "float32")[::-1].copy()
    odd_X, odd_dY = layouts(X)[layout], layouts(dY)[layout]
    numpy.testing.assert_array_equal(case.forward(ops, odd_X), case.forward(ops, X))
    dX = run_backprop(case, ops, odd_dY, odd_X)
    numpy.testing.assert_array_equal(dX, run_backprop(case, ops, dY, X))
    numpy.testing.assert_array_equal(odd_X, X)
    numpy.testing.assert_array_equal(odd_dY, dY)


@cases
@every_ops
@pytest.mark.parametrize("shape", [(0,), (0, 3), (1,), (1, 1), (2, 3, 4), (1, 2, 3, 2)])
def test_any_shape(case, ops, shape):
    X = some_X(case, "float32", shape)
    assert case.forward(ops, X).shape == shape
    assert run_backprop(case, ops, X, X).shape == shape


@cases
@every_ops
@dtypes
def test_inplace_forward_writes_into_X(case, ops, dtype):
    X = some_X(case, dtype)
    want = case.forward(ops, X)
    assert case.forward(ops, X, inplace=True) is X
    numpy.testing.assert_array_equal(X, want)


@cases
@every_ops
def test_inplace_backprop_writes_into_its_argument(case, ops):
    X = some_X(case, "float32")
    Y, dY = case.forward(ops, X), some_X(case, "float32")[::-1].copy()
    want = case.backprop(ops, dY, X, Y)
    target = Y if case.op == "sigmoid" else dY
    assert case.backprop(ops, dY, X, Y, inplace=True) is target
    numpy.testing.assert_array_equal(target, want)


@cases
@every_ops
def test_mismatch_raises(case, ops):
    X, dY = numpy.zeros(20, "float32"), numpy.zeros(10, "float32")
    with pytest.raises(ShapeError, match=r"backprop_\w+: got float32\[10\] and float32\[20\]"):
        run_backprop(case, ops, dY, X)


@cases
@every_ops
@dtypes
def test_huge_inputs_give_finite_results_without_warnings(case, ops, dtype):
    big = float(numpy.finfo(dtype).max) ** 0.9
    X = numpy.array([-big, -300, -30, 30, 300, big], dtype)
    with numpy.errstate(over="raise", invalid="raise", divide="raise"):
        assert numpy.isfinite(case.forward(ops, X)).all()
        assert numpy.isfinite(run_backprop(case, ops, numpy.ones_like(X), X)).all()


@cases
@every_ops
def test_nan_stays_visible(case, ops):
    if case.options.get("slope") != 0.0:
        X = numpy.array([numpy.nan, 1.5], "float32")
        assert numpy.isnan(case.forward(ops, X)).tolist() == [True, False]


@every_ops
def test_erf_sechsq_and_slopes_of_outputs(ops):
    X = numpy.linspace(-6, 6, 49)
    numpy.testing.assert_allclose(ops.erf(X), erf(X), atol=1.5e-7)
    numpy.testing.assert_allclose(ops.sechsq(X), 1 / numpy.cosh(X) ** 2, rtol=1e-13)
    numpy.testing.assert_allclose(ops.dsigmoid(sigma(X)), sigma(X) * (1 - sigma(X)))
    numpy.testing.assert_allclose(ops.dtanh(numpy.tanh(X)), 1 - numpy.tanh(X) ** 2)
    Y = sigma(X)
    assert ops.dsigmoid(Y, inplace=True) is Y
    assert ops.erf(X.astype("float16")).dtype == "float16"


@every_ops
def test_integers_are_not_silently_cut_off(ops):
    X = numpy.arange(4)
    assert ops.relu(X).dtype == X.dtype and ops.sigmoid(X).dtype == "float64"
    with pytest.raises(DTypeError, match=r"inplace: got int64\[4\]"):
        ops.sigmoid(X, inplace=True)
