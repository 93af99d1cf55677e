"""Records of layer normalization."""

import numpy

from thinc.errors import ShapeError

from ..op import Grad, Op


def layernorm_oracle(X, G, b):
    mu, variance = X.mean(axis=1), X.var(axis=1)
    s = 1 / numpy.sqrt(variance + 1e-8)
    return (X - mu[:, None]) * s[:, None] * G + b, mu, s


layernorm = Op(
    "layernorm",
    lambda rng: (rng.normal(size=(5, 7)), rng.normal(size=7), rng.normal(size=7)),
    layernorm_oracle,
    dtypes=("float32", "float64"),
    factor=4,
    empty=lambda rng: (numpy.zeros((0, 7)), numpy.ones(7), numpy.zeros(7)),
    bad=(((numpy.ones((2, 3), "f"), numpy.ones(4, "f"), numpy.ones(4, "f")), ShapeError, "layernorm: got float32"),),
)
RECORDS = [
    layernorm,
    Grad(
        "backprop_layernorm",
        of=layernorm,
        wrt=(0, 1, 2),
        order=lambda dY, args, Y: (dY, args[0], Y[1], Y[2], args[1]),
        dtypes=("float32", "float64"),
        factor=32,
        empty=layernorm.empty,
    ),
]
