"""Draw the first values of parameters.

Every initializer has the signature `(ops, shape, **settings) -> float32 array`. It draws
`shape` values from the global `numpy.random`, whatever the backend, so that one seed gives
the same weights everywhere. `configure_<name>` returns the initializer with its settings
bound, for use from a config.

Compatibility: the fans are `shape[0]` (outputs) and `shape[1]` (inputs) for every rank, so
Maxout's (nO, nP, nI) uses nO and nP, as trained pipelines expect.
"""

from collections.abc import Callable, Sequence
from functools import partial
from math import prod, sqrt

import numpy

from .config import registry
from .errors import ShapeError

__all__ = [
    "normal_init",
    "glorot_uniform_init",
    "zero_init",
    "uniform_init",
    "glorot_normal_init",
    "he_uniform_init",
    "he_normal_init",
    "lecun_uniform_init",
    "lecun_normal_init",
    "configure_normal_init",
]


def zero_init(ops, shape):
    """W = 0."""
    return ops.alloc(shape)


def uniform_init(ops, shape, *, lo: float = -0.1, hi: float = 0.1):
    """W ~ U(lo, hi)."""
    return ops.asarray_f(numpy.random.uniform(lo, hi, shape))


def normal_init(ops, shape, *, mean: float = 0):
    """W ~ N(0, mean²).

    Compatibility: `mean` is the standard deviation, as in the published library. The default
    of 0 gives zeros; spaCy passes the deviation it wants.
    """
    flat = numpy.random.normal(scale=mean, size=prod(shape))
    return ops.asarray_f(flat.reshape(shape))


def glorot_uniform_init(ops, shape):
    """W ~ U(±√(6 / (nO + nI))).  Glorot and Bengio 2010, eq. 16."""
    return _uniform(ops, shape, sqrt(6.0 / sum(_fans(shape))))


def glorot_normal_init(ops, shape):
    """W ~ N(0, 2 / (nO + nI)).  Glorot and Bengio 2010, eq. 12."""
    return _normal(ops, shape, sqrt(2.0 / sum(_fans(shape))))


def he_uniform_init(ops, shape):
    """W ~ U(±√(6 / nI)).  He et al. 2015, arXiv:1502.01852."""
    return _uniform(ops, shape, sqrt(6.0 / _fans(shape)[1]))


def he_normal_init(ops, shape):
    """W ~ N(0, 2 / nI).  He et al. 2015, arXiv:1502.01852, eq. 10."""
    return _normal(ops, shape, sqrt(2.0 / _fans(shape)[1]))


def lecun_uniform_init(ops, shape):
    """W ~ U(±√(3 / nI)).  LeCun et al. 1998, Efficient BackProp, §4.6."""
    return _uniform(ops, shape, sqrt(3.0 / _fans(shape)[1]))


def lecun_normal_init(ops, shape):
    """W ~ N(0, 1 / nI).  LeCun et al. 1998, Efficient BackProp, §4.6."""
    return _normal(ops, shape, sqrt(1.0 / _fans(shape)[1]))


@registry.initializers("zero_init.v1")
def configure_zero_init() -> Callable:
    """`zero_init`, for a config."""
    return partial(zero_init)


@registry.initializers("uniform_init.v1")
def configure_uniform_init(*, lo: float = -0.1, hi: float = 0.1) -> Callable:
    """`uniform_init` between `lo` and `hi`, for a config."""
    return partial(uniform_init, lo=lo, hi=hi)


@registry.initializers("normal_init.v1")
def configure_normal_init(*, mean: float = 0) -> Callable:
    """`normal_init` with standard deviation `mean`, for a config."""
    return partial(normal_init, mean=mean)


@registry.initializers("glorot_uniform_init.v1")
def configure_glorot_uniform_init() -> Callable:
    """`glorot_uniform_init`, for a config."""
    return partial(glorot_uniform_init)


@registry.initializers("glorot_normal_init.v1")
def configure_glorot_normal_init() -> Callable:
    """`glorot_normal_init`, for a config."""
    return partial(glorot_normal_init)


@registry.initializers("he_uniform_init.v1")
def configure_he_uniform_init() -> Callable:
    """`he_uniform_init`, for a config."""
    return partial(he_uniform_init)


@registry.initializers("he_normal_init.v1")
def configure_he_normal_init() -> Callable:
    """`he_normal_init`, for a config."""
    return partial(he_normal_init)


@registry.initializers("lecun_uniform_init.v1")
def configure_lecun_uniform_init() -> Callable:
    """`lecun_uniform_init`, for a config."""
    return partial(lecun_uniform_init)


@registry.initializers("lecun_normal_init.v1")
def configure_lecun_normal_init() -> Callable:
    """`lecun_normal_init`, for a config."""
    return partial(lecun_normal_init)


class AxesError(ShapeError, IndexError):
    """A parameter has too few axes. Compatibility: an IndexError too."""


def _fans(shape: Sequence[int]) -> tuple[int, int]:
    """(nO, nI): the first two axes."""
    if len(shape) < 2:
        raise AxesError(
            f"The initializer takes its range from the first two axes, but the shape is {tuple(shape)}. "
            "Use uniform_init, normal_init or zero_init."
        )
    return shape[0], shape[1]


def _uniform(ops, shape, bound: float):
    return ops.asarray_f(numpy.random.uniform(-bound, bound, shape))


def _normal(ops, shape, deviation: float):
    return ops.asarray_f(numpy.random.normal(scale=deviation, size=shape))
