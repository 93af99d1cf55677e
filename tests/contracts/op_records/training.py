"""Records of the primitives of training and of batching."""

import numpy

from thinc.errors import ShapeError

from ..arrays import on_host
from ..op import Op


def four(rng):
    return rng.normal(size=(2, 3)), rng.normal(size=(2, 3)), rng.normal(size=(2, 3)), rng.uniform(0.1, 1, (2, 3))


def adam_oracle(w, g, m1, m2, b1, b2, eps, lr):
    m1 = b1 * m1 + (1 - b1) * g
    m2 = b2 * m2 + (1 - b2) * g * g
    return w - lr * m1 / (numpy.sqrt(m2) + eps), g * 0, m1, m2


def clip_oracle(g, threshold):
    norm = float(numpy.sqrt((g * g).sum()))
    return g * (threshold / norm) if norm > threshold else g


def average_oracle(ema, weights, t):
    decay = min((1 + t) / (10 + t), 0.9999)
    return decay * ema + (1 - decay) * weights


def batches(args, returned):
    return [on_host(batch) for batch in returned]


def multi(args, returned):
    return [[on_host(part) for part in batch] for batch in returned]


def mean_of_mask(args, returned):
    """Only 0 and 1 / (1 - drop) occur, and the mean is 1: mask -> (values, rounded mean)."""
    mask = on_host(returned)
    return numpy.unique(mask), numpy.float32(numpy.round(mask.mean(dtype="float64"), 1)).reshape(1)


DATA = numpy.arange(14).reshape(7, 2)
RECORDS = [
    Op(
        "adam",
        lambda rng: (*four(rng), 0.9, 0.99, 1e-8, 0.1),
        adam_oracle,
        writes=(0, 1, 2, 3),
        factor=16,
        empty=lambda rng: (*(part[:0] for part in four(rng)), 0.9, 0.99, 1e-8, 0.1),
        bad=(
            (
                (numpy.zeros(3, "f"), numpy.zeros(2, "f"), numpy.zeros(3, "f"), numpy.zeros(3, "f"), 0.9, 0.99, 0.1, 1),
                ShapeError,
                "adam: weights, gradient, mom1 and mom2 have the shapes",
            ),
        ),
    ),
    Op("clip_gradient", lambda rng: (rng.normal(size=(3, 2)), 0.5), clip_oracle, writes=(0,), factor=4),
    Op("clip_gradient", lambda rng: (rng.normal(size=(3, 2)), 50.0), clip_oracle, writes=(0,), note="below"),
    Op("clip_gradient", lambda rng: (numpy.zeros(3), 0.0), lambda g, t: g, writes=(0,), note="zeros"),
    Op(
        "update_averages",
        lambda rng: (rng.normal(size=(3, 2)), rng.normal(size=(3, 2)), 7),
        average_oracle,
        writes=(0,),
        finish=lambda args, returned: args[0],
        factor=4,
    ),
    Op(
        "logloss",
        lambda rng: (numpy.array([1.0, 0.0, 1.0]), numpy.array([0.5, 0.25, 0.75])),
        lambda y, p: -(y * numpy.log(p) + (1 - y) * numpy.log(1 - p)),
        error=1e-7,
    ),
    Op(
        "get_dropout_mask",
        lambda rng: ((300, 200), 0.25),
        lambda shape, drop: (numpy.array([0, 4 / 3], "float32"), numpy.ones(1, "float32")),
        finish=mean_of_mask,
        fixed=True,
        error=1e-6,
    ),
    *(
        Op(
            "get_dropout_mask",
            lambda rng, drop=drop: ((2, 3), drop),
            lambda shape, drop, value=value: numpy.full(shape, value, "float32"),
            fixed=True,
            note=str(drop),
        )
        for drop, value in ((None, 1), (0.0, 1), (1.0, 0))
    ),
    Op("minibatch", lambda rng: (3, DATA), lambda n, X: [X[:3], X[3:6], X[6:]], finish=batches, fixed=True),
    Op(
        "multibatch",
        lambda rng: (4, DATA, DATA[::-1].copy()),
        lambda n, X, Y: [[X[:4], Y[:4]], [X[4:], Y[4:]]],
        finish=multi,
        fixed=True,
    ),
]
