"""Records of the losses, each with its gradient and value in float64."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy

from thinc import loss as made
from thinc.errors import ShapeError
from thinc.loss import CategoricalCrossentropy, CosineDistance, L2Distance, SequenceCategoricalCrossentropy
from thinc.testing.slopes import slopes

GUESSES = numpy.array([[0.2, 0.5, 0.3], [0.1, 0.3, 0.6]])
ONE_HOT = numpy.array([[1.0, 0, 0], [0, 0, 1]])


@dataclass(frozen=True)
class Record:
    """name: of what is made.  registered: the names in the registry that make it."""

    name: str
    make: Callable[[], Any]
    oracle: Callable
    registered: tuple[str, ...] = ()
    note: str = ""

    def __str__(self):
        return self.name + (f"-{self.note}" if self.note else "")


@dataclass(frozen=True)
class LossRecord(Record):
    """oracle(guesses, truths) -> (gradient, loss), in float64.  bad: guesses, truths, error, text."""

    guesses: Any = None
    truths: Any = None
    error: float = 0.0
    bad: tuple[tuple[Any, Any, type, str], ...] = ()


def squared(normalize=True):
    def oracle(guesses, truths):
        d = (guesses - truths) / (len(guesses) if normalize else 1)
        return d, (d**2).sum()

    return oracle


def crossentropy(targets, normalize=True):
    return lambda guesses, truths: squared(normalize)(guesses, targets)


def by_sequence(guesses, truths):
    grads = [(g - t) / len(guesses) for g, t in zip(guesses, (ONE_HOT, ONE_HOT[1:]))]
    return grads, sum((d**2).sum() for d in grads)


def cosine(guesses, truths):
    """The slope of Σ (1 − c), by the formula of the quotient."""
    y, t = guesses + 1e-8, truths + 1e-8
    norms = numpy.linalg.norm(y, axis=1, keepdims=True), numpy.linalg.norm(t, axis=1, keepdims=True)
    c = (y * t).sum(axis=1, keepdims=True) / (norms[0] * norms[1])
    d = (c * y / norms[0] ** 2 - t / (norms[0] * norms[1])) / len(y)
    return d, numpy.abs(c - 1).sum() / len(y)


def slope_of(value, logits=lambda guesses: guesses, guess=lambda X: X):
    """The gradient is the slope of the value, at the guesses or at the logits behind them."""

    def oracle(guesses, truths):
        X = logits(guesses).copy()
        return slopes(lambda: float(value(guess(X), numpy.asarray(truths))), X), value(guesses, truths)

    return oracle


def softmax(X):
    E = numpy.exp(X - X.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def binary(gamma=0.0, alpha=None):
    def value(p, t):
        entropy = -(t * numpy.log(p) + (1 - t) * numpy.log(1 - p))
        weights = 1.0 if alpha is None else alpha * t + (1 - alpha) * (1 - t)
        return (weights * (1 - p * t - (1 - p) * (1 - t)) ** gamma * entropy).mean()

    return slope_of(value)


def categorical(gamma=0.0):
    def value(p, ids):
        chosen = p[numpy.arange(len(p)), ids]
        return -((1 - chosen) ** gamma * numpy.log(chosen)).mean()

    return slope_of(value, numpy.log, softmax)


VERSIONS = ("v1", "v2", "v3")
SEQUENCES = [GUESSES, GUESSES[1:]]
WIDE = numpy.zeros((2, 4), "float32")
LOSSES = [
    LossRecord("CategoricalCrossentropy", CategoricalCrossentropy, crossentropy(ONE_HOT),
               tuple(f"CategoricalCrossentropy.{v}" for v in VERSIONS), guesses=GUESSES, truths=[0, 2],
               bad=((GUESSES, WIDE, ShapeError, "CategoricalCrossentropy"), (GUESSES * 3, [0, 2], ValueError, "Cannot calculate.*guesses"),
                    (GUESSES, ONE_HOT * 3, ValueError, "Cannot calculate.*truth"))),
    LossRecord("CategoricalCrossentropy", lambda: CategoricalCrossentropy(normalize=False), crossentropy(ONE_HOT, False), note="sum", guesses=GUESSES, truths=ONE_HOT),
    LossRecord("CategoricalCrossentropy", lambda: CategoricalCrossentropy(names=["a", "b", "c"]), crossentropy(ONE_HOT), note="names", guesses=GUESSES, truths=["a", "c"]),
    LossRecord("CategoricalCrossentropy", lambda: CategoricalCrossentropy(label_smoothing=0.1), crossentropy(ONE_HOT * 0.85 + 0.05), note="smoothed", error=1e-7, guesses=GUESSES, truths=[0, 2]),
    LossRecord("SequenceCategoricalCrossentropy", SequenceCategoricalCrossentropy, by_sequence,
               tuple(f"SequenceCategoricalCrossentropy.{v}" for v in VERSIONS), guesses=SEQUENCES, truths=[[0, 2], [2]],
               bad=((SEQUENCES, [[0, 2]], ValueError, "SequenceCategoricalCrossentropy"),)),
    LossRecord("L2Distance", L2Distance, squared(), ("L2Distance.v1",), guesses=GUESSES, truths=ONE_HOT, bad=((GUESSES, WIDE, ShapeError, "L2Distance"),)),
    LossRecord("L2Distance", lambda: L2Distance(normalize=False), squared(False), note="sum", guesses=GUESSES, truths=ONE_HOT),
    LossRecord("CosineDistance", CosineDistance, cosine, ("CosineDistance.v1",), guesses=GUESSES, truths=ONE_HOT, bad=((GUESSES, WIDE, ShapeError, "CosineDistance"),)),
    # These have the slope of their value, Softmax's logits for the last two.
    LossRecord("BinaryCrossentropy", made.BinaryCrossentropy, binary(), ("BinaryCrossentropy.v1",), guesses=GUESSES, truths=ONE_HOT, error=1e-7, bad=((GUESSES, WIDE, ShapeError, "BinaryCrossentropy"),)),
    LossRecord("BinaryFocalCrossentropy", made.BinaryFocalCrossentropy, binary(2.0, 0.25), ("BinaryFocalCrossentropy.v1",), guesses=GUESSES, truths=ONE_HOT, error=1e-7),
    LossRecord("SoftmaxCrossentropy", made.SoftmaxCrossentropy, categorical(), ("SoftmaxCrossentropy.v1",), guesses=GUESSES, truths=[0, 2], error=1e-7),
    LossRecord("FocalCrossentropy", made.FocalCrossentropy, categorical(2.0), ("FocalCrossentropy.v1",), guesses=GUESSES, truths=[0, 2], error=1e-7),
]  # fmt: skip
