"""Records of the dense layers, of activations, normalization and similarity."""

import math

import numpy

from thinc import api
from thinc.errors import DTypeError, ShapeError

from ..layer import Layer, rows

erf = numpy.vectorize(math.erf, otypes=["float64"])


def sigma(X):
    return 1 / (1 + numpy.exp(-X))


def softmax(Z, axis=-1):
    E = numpy.exp(Z - Z.max(axis=axis, keepdims=True))
    return E / E.sum(axis=axis, keepdims=True)


def affine(model, X):
    return X @ model.get_param("W").T + model.get_param("b")


def empty(rng):
    return numpy.zeros((0, 4))


MISTAKES = (
    (numpy.zeros((2, 5), "float32"), ShapeError, r"float32\[2, 5\]"),
    (numpy.zeros((2, 4), "float64"), DTypeError, r"float64\[2, 4\].*astype"),
    (numpy.zeros((2, 4), "int32"), DTypeError, r"int32\[2, 4\].*astype"),
    (numpy.zeros(4, "float32"), ShapeError, r"float32\[4\]"),
)


def dense(name, activate, note="", registered=None, of=None, error=0.0, **options):
    make = getattr(api, name)
    return Layer(
        name,
        lambda: make(3, **options),
        rows(5, 4),
        lambda model, X: activate(affine(model, X)),
        registered=(f"{name}.v1",) if registered is None else registered,
        Y=rows(5, 3),
        of=of,
        empty=empty,
        bad=() if note else MISTAKES,
        error=error,
        note=note,
    )


def maxout(model, X):
    W, b = model.get_param("W"), model.get_param("b")
    return (numpy.einsum("opi,ni->nop", W, X) + b).max(axis=-1)


def multisoftmax(model, X):
    Z = affine(model, X)
    return numpy.concatenate([softmax(Z[:, :1]), softmax(Z[:, 1:])], axis=1)


def normed(model, X):
    deviation = X - X.mean(axis=1, keepdims=True)
    X = deviation / numpy.sqrt((deviation**2).mean(axis=1, keepdims=True) + model.attrs.get("eps", 1e-8))
    return X * model.get_param("G") + model.get_param("b")


def wrapped_relu(model, X):
    relu, layernorm = model.layers[0].layers
    return normed(layernorm, numpy.maximum(affine(relu, X), 0))


def pair(rng):
    return rng.normal(size=(5, 4)), rng.normal(size=(5, 4))


def cauchy(model, X):
    return 1 / (1 + ((X[0] - X[1]) ** 2 @ model.get_param("W")))


DENSE = [
    dense("Linear", lambda Z: Z),
    dense("Relu", lambda Z: numpy.maximum(Z, 0)),
    dense("Mish", lambda Z: Z * numpy.tanh(numpy.log1p(numpy.exp(Z)))),
    dense("Gelu", lambda Z: Z * 0.5 * (1 + erf(Z / math.sqrt(2))), error=1e-5),
    dense("Swish", lambda Z: Z * sigma(Z)),
    dense("Dish", lambda Z: 0.5 * Z * (Z / numpy.sqrt(1 + Z * Z) + 1)),
    dense("HardSwish", lambda Z: Z * numpy.clip(0.2 * Z + 0.5, 0, 1)),
    dense("HardSwishMobilenet", lambda Z: Z * numpy.clip(Z + 3, 0, 6) / 6),
    dense("ClippedLinear", lambda Z: numpy.clip(Z, 0, 1)),
    dense("ClippedLinear", lambda Z: numpy.clip(2 * Z - 1, -0.5, 0.7), "options", slope=2.0, offset=-1.0, min_val=-0.5, max_val=0.7),
    dense("HardSigmoid", lambda Z: numpy.clip(0.2 * Z + 0.5, 0, 1)),
    dense("HardTanh", lambda Z: numpy.clip(Z, -1, 1)),
    dense("ReluK", lambda Z: numpy.clip(Z, 0, 6)),
    dense("ReluK", lambda Z: numpy.clip(Z, 0, 0.5), "k", k=0.5),
    dense("Sigmoid", sigma, error=1e-8),
    # The callbacks of the softmaxes take the gradient of the scores, as the losses give it.
    dense("Softmax", softmax, of=affine),
    dense("Softmax_v2", softmax, registered=("Softmax.v2",), of=affine),
    dense("Softmax_v2", lambda Z: softmax(Z / 0.5), "temperature", (), lambda m, X: affine(m, X) / 0.5, temperature=0.5),
]  # fmt: skip

RECORDS = [
    *DENSE,
    Layer(
        "Maxout", lambda: api.Maxout(3), rows(5, 4), maxout, ("Maxout.v1",), Y=rows(5, 3), empty=empty, bad=MISTAKES
    ),
    Layer("MultiSoftmax", lambda: api.MultiSoftmax((1, 3)), rows(5, 4), multisoftmax, ("MultiSoftmax.v1",), of=affine, empty=empty, bad=MISTAKES),
    Layer("Relu", lambda: api.Relu(3, normalize=True, dropout=0.0), rows(5, 4), wrapped_relu, empty=empty, note="wrapped"),
    Layer("LayerNorm", api.LayerNorm, rows(5, 4), normed, ("LayerNorm.v1",), empty=empty),
    Layer("LayerNorm", lambda: api.LayerNorm(eps=0.1), rows(5, 4), normed, empty=empty, note="eps"),
    Layer("Logistic", api.Logistic, rows(5, 4), lambda m, X: sigma(X), ("Logistic.v1",), empty=empty, error=1e-8),
    Layer("sigmoid_activation", api.sigmoid_activation, rows(2, 3, 4), lambda m, X: sigma(X), ("sigmoid_activation.v1",), empty=empty, error=1e-8),
    Layer("softmax_activation", api.softmax_activation, rows(5, 4), lambda m, X: softmax(X), ("softmax_activation.v1",), empty=empty),
    Layer("CauchySimilarity", api.CauchySimilarity, pair, cauchy, ("CauchySimilarity.v1",), empty=lambda rng: (empty(rng), empty(rng))),
    Layer(
        "siamese",
        lambda: api.siamese(api.Linear(3, 4), api.CauchySimilarity()),
        pair,
        lambda m, X: cauchy(m.layers[1], [affine(m.layers[0], x) for x in X]),
        ("siamese.v1",),
        empty=lambda rng: (empty(rng), empty(rng)),
    ),
]  # fmt: skip
