"""What all elementwise operations share: one shape, one dtype, one place for the result."""

import math
from typing import Any

import numpy

from ...errors import DTypeError, ShapeError
from ...types import FloatsXdT

INV_SQRT2 = 1.0 / math.sqrt(2.0)
INV_SQRT_2PI = 1.0 / math.sqrt(2.0 * math.pi)
SQRT2PI = math.sqrt(2.0 / math.pi)  # Compatibility: the name says √(2π), users import it


def widen(X):
    """float16 as float32, so that exp and powers don't overflow; others as they are."""
    return X.astype("float32") if X.dtype == numpy.float16 else X


def store(Y: Any, X: FloatsXdT, inplace: bool) -> FloatsXdT:
    """The result Y with the dtype of X, or in X itself."""
    if inplace:
        if X.dtype.kind in "iub" and Y.dtype.kind == "f":
            raise DTypeError(f"inplace: got {X.dtype}{list(X.shape)}; give floats, or inplace=False")
        X[...] = Y
        return X
    return Y.astype(X.dtype, copy=False) if X.dtype.kind == "f" else Y


def check_same_shape(op: str, *arrays) -> None:
    """Elementwise gradients don't broadcast: a mismatch is a mistake of the caller."""
    shapes = [array.shape for array in arrays]
    if any(shape != shapes[0] for shape in shapes):
        came = " and ".join(f"{a.dtype}{list(a.shape)}" for a in arrays)
        raise ShapeError(f"{op}: got {came}; give arrays of one shape")


def gaussian_cdf(ops, X):
    """Φ(X), the probability that a standard normal variable is below X."""
    return 0.5 * (1.0 + ops.erf(INV_SQRT2 * X))


def gaussian_pdf(ops, X):
    """φ(X) = exp(−X²/2) / √(2π), the density of a standard normal variable."""
    return INV_SQRT_2PI * ops.xp.exp(-0.5 * X * X)
