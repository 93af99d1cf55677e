"""The function, and the arrays, of several tests; JAX is there when this is imported."""

import jax.numpy as jnp
import numpy

RNG = numpy.random.default_rng(0)


def floats(*shape):
    return RNG.normal(size=shape).astype("f")


PARAMS = {"W": floats(2, 3), "b": floats(2)}


def dense(params, X):
    return jnp.tanh(X @ params["W"].T + params["b"])
