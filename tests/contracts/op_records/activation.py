"""Records of the activations, softmax and maxout."""

import math

import numpy

from thinc.errors import ShapeError

from ..op import Op, backprop_of

erf = numpy.vectorize(math.erf, otypes=["float64"])
LENGTHS = numpy.array([2, 0, 4], dtype="int32")
PAIR = (numpy.zeros(20, "float32"), numpy.zeros(10, "float32"))


def sigma(X):
    return 1 / (1 + numpy.exp(-X))


def swish(X):
    return X * sigma(X)


def away_from(*corners):
    """Numbers in ±12, none so near to a corner that a difference quotient crosses it."""

    def args(rng):
        X = rng.uniform(-12, 12, (7, 3))
        X.flat[:12] = numpy.linspace(-2, 2, 12)
        for corner in corners:
            X[numpy.abs(X - corner) < 0.02] += 0.05
        return (X,)

    return args


def elementwise(name, oracle, corners=(), order=None, error=0.0, note="", inplace=0, **options):
    """The records of an activation and of its backprop."""
    forward = Op(
        name,
        away_from(*corners),
        lambda X, **_: oracle(X),
        options=options,
        inplace=inplace,
        error=error,
        note=note,
        empty=lambda rng: (numpy.zeros((0, 3)),),
    )
    mistake = (PAIR if order is None else order(PAIR[0], (PAIR[1],), PAIR[1]), ShapeError, f"backprop_{name}: got ")
    more = {} if order is None else {"order": order}
    return forward, backprop_of(forward, bad=(mistake,), **more)


def with_Y(dY, args, Y):
    return dY, Y


def slope_of_output(name, oracle, X):
    return Op(name, lambda rng: (X,), oracle, inplace=0, empty=lambda rng: (X[:0],))


relu = elementwise("relu", lambda X: numpy.maximum(X, 0), (0,), with_Y)
sigmoid, backprop_sigmoid = elementwise("sigmoid", sigma, order=with_Y, error=1e-8)
swishes = elementwise("swish", swish, order=lambda dY, args, Y: (dY, args[0], Y), error=1e-7)
CLIPPED = {"slope": -0.5, "offset": 0.25, "min_val": -1.0, "max_val": 2.0}

ELEMENTWISE = [
    *relu,
    sigmoid,
    # Compatibility: inplace=True writes into Y and returns it.
    backprop_of(sigmoid, order=with_Y, inplace=1, bad=((PAIR, ShapeError, "backprop_sigmoid: got "),)),
    *swishes,
    *elementwise("clipped_linear", lambda X: numpy.clip(X, 0, 1), (0, 1)),
    *elementwise(
        "clipped_linear", lambda X: numpy.clip(-0.5 * X + 0.25, -1, 2), (2.5, -3.5), note="falling", **CLIPPED
    ),
    *elementwise("clipped_linear", lambda X: X * 0 + 0.5, note="flat", slope=0.0, offset=0.5),
    *elementwise("relu_k", lambda X: numpy.clip(X, 0, 6), (0, 6)),
    *elementwise("relu_k", lambda X: numpy.clip(X, 0, 2), (0, 2), note="n", n=2.0),
    *elementwise("hard_sigmoid", lambda X: numpy.clip(0.2 * X + 0.5, 0, 1), (-2.5, 2.5)),
    *elementwise("hard_tanh", lambda X: numpy.clip(X, -1, 1), (-1, 1)),
    *elementwise("hard_swish", lambda X: X * numpy.clip(0.2 * X + 0.5, 0, 1), (-2.5, 2.5)),
    *elementwise("hard_swish_mobilenet", lambda X: X * numpy.clip(X + 3, 0, 6) / 6, (-3, 3)),
    *elementwise("dish", lambda X: 0.5 * X * (X / numpy.sqrt(1 + X * X) + 1)),
    *elementwise("gelu", lambda X: 0.5 * X * (1 + erf(X / math.sqrt(2))), error=1e-5),
    *elementwise("gelu_approx", lambda X: 0.5 * X * (1 + numpy.tanh(math.sqrt(2 / math.pi) * (X + 0.044715 * X**3)))),
    *elementwise("mish", lambda X: X * numpy.tanh(numpy.log1p(numpy.exp(X)))),
    *elementwise(
        "mish",
        lambda X: numpy.where(X >= 5, X, X * numpy.tanh(numpy.log1p(numpy.exp(X)))),
        (5,),
        note="threshold",
        threshold=5.0,
    ),
    Op("erf", away_from(), erf, error=1.5e-7, empty=lambda rng: (numpy.zeros(0),)),
    Op("sechsq", away_from(), lambda X: 1 / numpy.cosh(X) ** 2, empty=lambda rng: (numpy.zeros(0),)),
    slope_of_output("dsigmoid", lambda Y: Y * (1 - Y), sigma(numpy.linspace(-3, 3, 12)).reshape(4, 3)),
    slope_of_output("dtanh", lambda Y: 1 - Y**2, numpy.tanh(numpy.linspace(-3, 3, 12)).reshape(4, 3)),
]


def softmax_oracle(X, axis=-1, temperature=1.0):
    E = numpy.exp(X / temperature)
    return E / E.sum(axis=axis, keepdims=True)


def per_sequence(X, lengths):
    parts = [softmax_oracle(part, 0) for part in numpy.split(X, numpy.cumsum(lengths)[:-1])]
    return numpy.concatenate(parts)


def softmaxes(note="", **options):
    forward = Op(
        "softmax",
        lambda rng: (rng.normal(size=(4, 3)),),
        softmax_oracle,
        options=options,
        inplace=0,
        note=note,
        empty=lambda rng: (numpy.zeros((0, 3)),),
    )
    # Y comes before dY here, as it always has.
    mistake = (PAIR, ShapeError, "backprop_softmax: got ")
    return forward, backprop_of(forward, order=lambda dY, args, Y: (Y, dY), inplace=None, bad=(mistake,))


def sequences(shape, note):
    forward = Op(
        "softmax_sequences",
        lambda rng: (rng.normal(size=shape), LENGTHS),
        per_sequence,
        inplace=0,
        note=note,
        empty=lambda rng: (numpy.zeros((0, *shape[1:])), LENGTHS[:0]),
        bad=(
            ((numpy.zeros((6, 1, 1), "f"), LENGTHS), NotImplementedError, "softmax_sequences: "),
            ((numpy.zeros((5, 1), "f"), LENGTHS), IndexError, "softmax_sequences: lengths must sum up"),
        ),
    )
    mistake = ((*PAIR, LENGTHS), ShapeError, "backprop_softmax_sequences: ")
    order = lambda dY, args, Y: (dY, Y, args[1])  # noqa: E731
    return forward, backprop_of(forward, order=order, inplace=None, bad=(mistake,))


def distinct(rng, *shape):
    """Numbers that no float rounds to the same value."""
    size = math.prod(shape)
    return (rng.permutation(size).reshape(shape) - size / 2) / 4


def best_piece(X):
    return X.max(axis=-1), X.argmax(axis=-1).astype("int32")


maxout = Op(
    "maxout",
    lambda rng: (distinct(rng, 4, 3, 2),),
    best_piece,
    empty=lambda rng: (numpy.zeros((0, 3, 2)),),
    bad=(((numpy.zeros((4, 3), "f"),), ShapeError, r"maxout: got float32\[4, 3\]"),),
)
PIECES = numpy.array([[0, 2]], "int32")
backprop_maxout = backprop_of(
    maxout,
    order=lambda dY, args, Y: (dY, Y[1], 2),
    bad=(
        ((numpy.zeros((1, 2), "f"), PIECES, 2), IndexError, "backprop_maxout: got pieces 0 to 2"),
        ((numpy.zeros((1, 2), "f"), -PIECES, 3), IndexError, "backprop_maxout: got pieces -2 to 0"),
        ((numpy.zeros((1, 3), "f"), PIECES, 3), ShapeError, "backprop_maxout: got "),
    ),
)

RECORDS = [
    *ELEMENTWISE,
    *softmaxes(),
    *softmaxes("axis", axis=0),
    *softmaxes("temperature", temperature=0.7),
    *sequences((6, 2), ""),
    *sequences((6,), "vector"),
    maxout,
    backprop_maxout,
]
