"""How far float32 and float64 results may be from the true value, for every activation."""

import math

import numpy
import pytest

from thinc.backends import NumpyOps, Ops, _accelerate

pytestmark = pytest.mark.skipif(numpy.finfo("longdouble").nmant < 63, reason="needs 80-bit long double")
WIDE = numpy.longdouble
PI = WIDE("3.14159265358979323846264338327950288")
erfc = numpy.frompyfunc(math.erfc, 1, 1)  # exact to 1 ulp of float64 in its tail too


def sigma(X):
    return 1 / (1 + numpy.exp(-X))


def cdf(X):
    return WIDE(0.5) * erfc(-(X / numpy.sqrt(WIDE(2))).astype("float64")).astype(WIDE)


def pdf(X):
    return numpy.exp(-X * X / 2) / numpy.sqrt(2 * PI)


def gelu_V(X):
    return numpy.sqrt(2 / PI) * (X + WIDE("0.044715") * X**3)


def mish_slope(X):
    T = numpy.tanh(numpy.log1p(numpy.exp(X)))
    return T + X * (1 - T * T) * sigma(X)


def gelu_approx_slope(X):
    T = numpy.tanh(gelu_V(X))
    return (1 + T + X * (1 - T * T) * numpy.sqrt(2 / PI) * (1 + 3 * WIDE("0.044715") * X * X)) / 2


def direction(X):
    return X / numpy.sqrt(1 + X * X)


VALUES = {
    "relu": lambda X: numpy.maximum(X, 0),
    "sigmoid": sigma,
    "swish": lambda X: X * sigma(X),
    "mish": lambda X: X * numpy.tanh(numpy.log1p(numpy.exp(X))),
    "gelu": lambda X: X * cdf(X),
    "gelu_approx": lambda X: X * (1 + numpy.tanh(gelu_V(X))) / 2,
    "dish": lambda X: X / (2 * numpy.sqrt(1 + X * X) * (numpy.sqrt(1 + X * X) - X)),
    "erf": lambda X: 1 - 2 * cdf(-X * numpy.sqrt(WIDE(2))),
    "sechsq": lambda X: 1 / numpy.cosh(X) ** 2,
    "hard_sigmoid": lambda X: numpy.clip(WIDE("0.2") * X + WIDE("0.5"), 0, 1),
    "hard_tanh": lambda X: numpy.clip(X, -1, 1),
    "hard_swish": lambda X: X * numpy.clip(WIDE("0.2") * X + WIDE("0.5"), 0, 1),
    "hard_swish_mobilenet": lambda X: X * numpy.clip(X + 3, 0, 6) / 6,
}
SLOPES = {
    "mish": mish_slope,
    "gelu": lambda X: cdf(X) + X * pdf(X),
    "gelu_approx": gelu_approx_slope,
    "dish": lambda X: direction(X) - direction(X) ** 3 / 2 + WIDE(0.5),
    "hard_swish": lambda X: numpy.where(abs(X) <= 2.5, WIDE("0.4") * X + WIDE("0.5"), X > 0),
    "hard_swish_mobilenet": lambda X: numpy.where(abs(X) <= 3, (2 * X + 3) / 6, X > 0),
}
BACKENDS = [Ops(), NumpyOps()]
every_ops = pytest.mark.parametrize("ops", BACKENDS, ids=["base", "numpy"])
# float64: three roundings of the last place, and the slope of exp at ±12.
limits = pytest.mark.parametrize("dtype,limit", [("float32", 5e-7), ("float64", 4e-15)])


def some_X(dtype):
    """Dense where the functions bend, and with an odd number, so that loops have a rest."""
    X = numpy.concatenate([numpy.linspace(-12, 12, 20001), numpy.linspace(-0.01, 0.01, 1001), [1e-30, -0.0]])
    return X[abs(abs(X) - 2.5) > 1e-6].astype(dtype)


def error(got, true):
    return float((abs(got - true) / numpy.maximum(1, abs(true))).max())


def is_reference(ops):
    return type(ops) is Ops or _accelerate.kernels is None


def true_values(formula, X):
    with numpy.errstate(all="ignore"):
        return formula(X.astype(WIDE)).astype(WIDE)


@every_ops
@limits
@pytest.mark.parametrize("name", VALUES)
def test_value(ops, dtype, limit, name):
    if is_reference(ops) and name in ("erf", "gelu"):
        limit = 5e-7  # the reference takes erf from a formula that is good for 1.5e-7
    X = some_X(dtype)
    X = X / 4 if name == "erf" else X  # the oracle of erf loses digits further out
    assert error(getattr(ops, name)(X), true_values(VALUES[name], X)) <= limit


@every_ops
@limits
@pytest.mark.parametrize("name", SLOPES)
def test_slope(ops, dtype, limit, name):
    if is_reference(ops) and name == "gelu":
        limit = 5e-7
    X = some_X(dtype)
    dX = getattr(ops, f"backprop_{name}")(numpy.ones_like(X), X)
    assert error(dX, true_values(SLOPES[name], X)) <= limit


@every_ops
@limits
def test_slope_of_swish(ops, dtype, limit):
    X = some_X(dtype)
    dX = ops.backprop_swish(numpy.ones_like(X), X, ops.swish(X))
    true = true_values(lambda X: sigma(X) * (1 + X * (1 - sigma(X))), X)
    assert error(dX, true) <= limit


@every_ops
@limits
@pytest.mark.parametrize("width", [1, 3, 16, 50, 96, 1000])
@pytest.mark.parametrize("temperature", [1.0, 0.5])
def test_softmax(ops, dtype, limit, width, temperature):
    X = numpy.random.default_rng(0).normal(size=(2000 // width + 1, width), scale=4).astype(dtype)
    Z = X.astype(WIDE) / temperature
    true = numpy.exp(Z - Z.max(axis=1, keepdims=True))
    true /= true.sum(axis=1, keepdims=True)
    Y = ops.softmax(X, temperature=temperature)
    assert error(Y, true) <= limit
    dY = numpy.random.default_rng(1).normal(size=X.shape).astype(dtype)
    sums = (true * dY).sum(axis=1, keepdims=True)
    terms = abs(true * dY).sum(axis=1, keepdims=True)
    dX = ops.backprop_softmax(Y, dY, temperature=temperature)
    bound = 2 * width**0.5 * 2 * numpy.finfo(dtype).eps * (terms + abs(dY)) / temperature
    assert (abs(dX - true * (dY - sums) / temperature) <= bound + limit).all()


@every_ops
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", [name for name in VALUES if not name.startswith("hard")])
def test_nan_and_infinity_are_those_of_the_reference(ops, dtype, name):
    X = numpy.array([numpy.nan, numpy.inf, -numpy.inf, 1.0] * 9, dtype)
    with numpy.errstate(all="ignore"):
        want, got = getattr(Ops(), name)(X), getattr(ops, name)(X)
    numpy.testing.assert_array_equal(numpy.isnan(got), numpy.isnan(want))
    numpy.testing.assert_allclose(got, want, atol=2e-7)
