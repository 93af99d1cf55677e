"""Normalize rows in plain array operations."""

from typing import Any

import numpy

from ...errors import ShapeError
from ...types import Floats1d, Floats2d


class Normalization:
    """Layer normalization and its derivative."""

    xp: Any = numpy

    def layernorm(
        self, X: Floats2d, G: Floats1d, b: Floats1d, epsilon: float = 1e-8
    ) -> tuple[Floats2d, Floats1d, Floats1d]:
        """Y = (X − μ) · s ⊙ G + b, with the mean μ of each row and s = 1 / √(variance + epsilon).

        X, Y: (n, w).  G, b: (w,).  Also gives μ and s: (n,).  Ba et al. 2016, arXiv:1607.06450.
        """
        _check_width("layernorm", X, G, b)
        mu = X.mean(axis=1)
        deviation = X - mu[:, None]
        s = ((deviation * deviation).mean(axis=1) + epsilon) ** -0.5
        return deviation * s[:, None] * G + b, mu, s

    def backprop_layernorm(
        self, dY: Floats2d, X: Floats2d, mu: Floats1d, s: Floats1d, G: Floats1d
    ) -> tuple[Floats2d, Floats1d, Floats1d]:
        """dX, dG and db, where (Y, mu, s) = layernorm(X, G, b).

        With N = (X − μ) · s and D = dY ⊙ G: dX = s · (D − mean(D) − N · mean(D ⊙ N)), means of
        rows; dG = Σ dY ⊙ N and db = Σ dY, sums of columns.
        """
        _check_width("backprop_layernorm", X, G, dY[0] if len(dY) else G)
        if dY.shape != X.shape or mu.shape != (len(X),) or s.shape != (len(X),):
            raise ShapeError(
                f"backprop_layernorm: dY, X, mu and s have the shapes {dY.shape}, {X.shape}, {mu.shape} "
                f"and {s.shape}; give what layernorm took and gave"
            )
        normed = (X - mu[:, None]) * s[:, None]
        D = dY * G
        slope = (D * normed).mean(axis=1, keepdims=True)
        dX = (D - D.mean(axis=1, keepdims=True) - normed * slope) * s[:, None]
        return dX, (dY * normed).sum(axis=0), dY.sum(axis=0)


def _check_width(op, X, *vectors):
    if X.ndim != 2 or any(vector.shape != (X.shape[1],) for vector in vectors):
        raise ShapeError(
            f"{op}: got {X.dtype}{list(X.shape)} with {', '.join(str(list(v.shape)) for v in vectors)}; "
            f"give (n, w) and vectors of w numbers"
        )
