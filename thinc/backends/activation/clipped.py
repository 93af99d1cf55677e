"""Activations made of straight lines, with their derivatives."""

from typing import Any

import numpy

from ...types import FloatsXdT
from ._elementwise import check_same_shape, store, widen


class Clipped:
    """Shapes are free, float dtypes are kept.

    With `inplace=True` the first argument is overwritten and returned.
    """

    xp: Any = numpy

    def relu(self, X: FloatsXdT, inplace: bool = False) -> FloatsXdT:
        """Y = max(X, 0)."""
        return self.xp.maximum(X, 0, out=X) if inplace else self.xp.maximum(X, 0)

    def backprop_relu(self, dY: FloatsXdT, Y: FloatsXdT, inplace: bool = False) -> FloatsXdT:
        """dX = dY where Y > 0, else 0, where Y = relu(X)."""
        check_same_shape("backprop_relu", dY, Y)
        return store(self.xp.where(Y > 0, dY, 0), dY, inplace)

    def clipped_linear(
        self,
        X: FloatsXdT,
        slope: float = 1.0,
        offset: float = 0.0,
        min_val: float = 0.0,
        max_val: float = 1.0,
        inplace: bool = False,
    ) -> FloatsXdT:
        """Y = slope · X + offset, limited to [min_val, max_val]."""
        Y = widen(X) * float(slope) + float(offset)
        return store(self.xp.clip(Y, float(min_val), float(max_val)), X, inplace)

    def backprop_clipped_linear(
        self,
        dY: FloatsXdT,
        X: FloatsXdT,
        slope: float = 1.0,
        offset: float = 0.0,
        min_val: float = 0.0,
        max_val: float = 1.0,
        inplace: bool = False,
    ) -> FloatsXdT:
        """dX = dY · slope strictly between the corners, else 0."""
        check_same_shape("backprop_clipped_linear", dY, X)
        if slope == 0:
            return store(self.xp.zeros_like(dY), dY, inplace)
        corners = (float(min_val - offset) / slope, float(max_val - offset) / slope)
        low, high = float(min(corners)), float(max(corners))
        inside = (low < X) & (X < high)
        return store(self.xp.where(inside, dY * float(slope), 0), dY, inplace)

    def relu_k(self, X: FloatsXdT, n: float = 6.0, inplace: bool = False) -> FloatsXdT:
        """Y = X, limited to [0, n]."""
        return self.clipped_linear(X, max_val=n, inplace=inplace)

    def backprop_relu_k(self, dY: FloatsXdT, X: FloatsXdT, n: float = 6.0, inplace: bool = False) -> FloatsXdT:
        """dX = dY where 0 < X < n, else 0."""
        check_same_shape("backprop_relu_k", dY, X)
        return self.backprop_clipped_linear(dY, X, max_val=n, inplace=inplace)

    def hard_sigmoid(self, X: FloatsXdT, inplace: bool = False) -> FloatsXdT:
        """Y = 0.2 · X + 0.5, limited to [0, 1]."""
        return self.clipped_linear(X, slope=0.2, offset=0.5, inplace=inplace)

    def backprop_hard_sigmoid(self, dY: FloatsXdT, X: FloatsXdT, inplace: bool = False) -> FloatsXdT:
        """dX = 0.2 · dY where −2.5 < X < 2.5, else 0."""
        check_same_shape("backprop_hard_sigmoid", dY, X)
        return self.backprop_clipped_linear(dY, X, slope=0.2, offset=0.5, inplace=inplace)

    def hard_tanh(self, X: FloatsXdT, inplace: bool = False) -> FloatsXdT:
        """Y = X, limited to [−1, 1]."""
        return self.clipped_linear(X, min_val=-1.0, max_val=1.0, inplace=inplace)

    def backprop_hard_tanh(self, dY: FloatsXdT, X: FloatsXdT, inplace: bool = False) -> FloatsXdT:
        """dX = dY where −1 < X < 1, else 0."""
        check_same_shape("backprop_hard_tanh", dY, X)
        return self.backprop_clipped_linear(dY, X, min_val=-1.0, max_val=1.0, inplace=inplace)

    def hard_swish(self, X: FloatsXdT, inplace: bool = False) -> FloatsXdT:
        """Y = X · hard_sigmoid(X)."""
        return store(widen(X) * self.hard_sigmoid(widen(X)), X, inplace)

    def backprop_hard_swish(self, dY: FloatsXdT, X: FloatsXdT, inplace: bool = False) -> FloatsXdT:
        """dX = dY · (0.4 · X + 0.5) on [−2.5, 2.5]; dY above; 0 below."""
        check_same_shape("backprop_hard_swish", dY, X)
        slope = self.xp.where(self.xp.abs(X) <= 2.5, 0.4 * X + 0.5, X > 0)
        return store(dY * slope, dY, inplace)

    def hard_swish_mobilenet(self, X: FloatsXdT, inplace: bool = False) -> FloatsXdT:
        """Y = X · relu6(X + 3) / 6.  Howard et al. 2019, arXiv:1905.02244, sec. 5.2."""
        Z = widen(X)
        return store(Z * (self.xp.clip(Z + 3.0, 0.0, 6.0) / 6.0), X, inplace)

    def backprop_hard_swish_mobilenet(self, dY: FloatsXdT, X: FloatsXdT, inplace: bool = False) -> FloatsXdT:
        """dX = dY · (2 · X + 3) / 6 on [−3, 3]; dY above; 0 below."""
        check_same_shape("backprop_hard_swish_mobilenet", dY, X)
        slope = self.xp.where(self.xp.abs(X) <= 3.0, (2.0 * X + 3.0) / 6.0, X > 0)
        return store(dY * slope, dY, inplace)
