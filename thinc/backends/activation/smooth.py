"""Activations without corners, with their derivatives."""

from typing import Any

import numpy

from ...types import FloatsXdT
from ._elementwise import SQRT2PI, check_same_shape, gaussian_cdf, gaussian_pdf, store, widen

# Beyond this |X| the bell curves are 0 in float64, and powers may overflow.
FLAT = 40.0


class Smooth:
    """Shapes are free, float dtypes are kept.

    With `inplace=True` the first argument is overwritten and returned.
    """

    xp: Any = numpy

    def sigmoid(self, X: FloatsXdT, *, inplace: bool = False) -> FloatsXdT:
        """Y = σ(X) = 1 / (1 + exp(−X)), with X limited to ±20."""
        Z = self.xp.clip(widen(X), -20.0, 20.0)
        return store(1.0 / (1.0 + self.xp.exp(-Z)), X, inplace)

    def backprop_sigmoid(self, dY: FloatsXdT, Y: FloatsXdT, *, inplace: bool = False) -> FloatsXdT:
        """dX = dY · Y · (1 − Y), where Y = sigmoid(X).

        Compatibility: `inplace=True` overwrites and returns Y, not dY.
        """
        check_same_shape("backprop_sigmoid", dY, Y)
        return store(dY * self.dsigmoid(Y), Y if inplace else dY, inplace)

    def dsigmoid(self, Y: FloatsXdT, *, inplace: bool = False) -> FloatsXdT:
        """σ′(X) = Y · (1 − Y), where Y = σ(X)."""
        return store(Y * (1 - Y), Y, inplace)

    def dtanh(self, Y: FloatsXdT, *, inplace: bool = False) -> FloatsXdT:
        """tanh′(X) = 1 − Y², where Y = tanh(X)."""
        return store(1 - Y * Y, Y, inplace)

    def swish(self, X: FloatsXdT, inplace: bool = False) -> FloatsXdT:
        """Y = X · σ(X).  Ramachandran et al. 2017, arXiv:1710.05941, eq. 1."""
        return store(widen(X) * self.sigmoid(widen(X)), X, inplace)

    def backprop_swish(self, dY: FloatsXdT, X: FloatsXdT, Y: FloatsXdT, inplace: bool = False) -> FloatsXdT:
        """dX = dY · (σ(X) + Y · σ(−X)), where Y = swish(X)."""
        check_same_shape("backprop_swish", dY, X, Y)
        slope = self.sigmoid(X) + Y * self.sigmoid(-X)  # 1 − σ(X) would lose its digits
        return store(dY * slope, dY, inplace)

    def dish(self, X: FloatsXdT, inplace: bool = False) -> FloatsXdT:
        """Y = X · (U + 1) / 2, with U = X / √(1 + X²)."""
        Z = widen(X)
        # For X < 0 the sum U + 1 would lose its digits, and X multiplies what is left.
        H = self.xp.hypot(Z, self.xp.ones_like(Z))
        rest = 1.0 / H / (H + self.xp.abs(Z))
        return store(0.5 * Z * self.xp.where(Z < 0, rest, 2.0 - rest), X, inplace)

    def backprop_dish(self, dY: FloatsXdT, X: FloatsXdT, inplace: bool = False) -> FloatsXdT:
        """dX = dY · (U − U³ / 2 + 1 / 2), with U = X / √(1 + X²)."""
        check_same_shape("backprop_dish", dY, X)
        U = self._direction(X)
        return store(dY * (U - 0.5 * U * U * U + 0.5), dY, inplace)

    def erf(self, X: FloatsXdT) -> FloatsXdT:
        """The error function, within 1.5e-7.

        Abramowitz and Stegun 1964, eq. 7.1.26.
        """
        xp = self.xp
        Z = self.xp.clip(xp.abs(widen(X)), 0.0, FLAT)
        t = 1.0 / (1.0 + 0.3275911 * Z)
        series = 1.061405429 * t - 1.453152027
        for coefficient in (1.421413741, -0.284496736, 0.254829592):
            series = series * t + coefficient
        return store(xp.sign(X) * (1.0 - series * t * xp.exp(-Z * Z)), X, False)

    def sechsq(self, X: FloatsXdT) -> FloatsXdT:
        """1 / cosh²(X), with X limited to ±20."""
        return store(1.0 / self.xp.cosh(self.xp.clip(widen(X), -20.0, 20.0)) ** 2, X, False)

    def gelu(self, X: FloatsXdT, inplace: bool = False) -> FloatsXdT:
        """Y = X · Φ(X).  Hendrycks and Gimpel 2016, arXiv:1606.08415, sec. 2."""
        Z = widen(X)
        return store(Z * gaussian_cdf(self, Z), X, inplace)

    def backprop_gelu(self, dY: FloatsXdT, X: FloatsXdT, inplace: bool = False) -> FloatsXdT:
        """dX = dY · (Φ(X) + X · φ(X))."""
        check_same_shape("backprop_gelu", dY, X)
        Z = self.xp.clip(widen(X), -FLAT, FLAT)
        slope = gaussian_cdf(self, Z) + Z * gaussian_pdf(self, Z)
        return store(dY * slope, dY, inplace)

    def gelu_approx(self, X: FloatsXdT, inplace: bool = False) -> FloatsXdT:
        """Y = X · (1 + tanh(V)) / 2, with V = √(2/π) · (X + 0.044715 · X³).

        Hendrycks and Gimpel 2016, arXiv:1606.08415, sec. 2.
        """
        V, _ = self._gelu_V(X)
        return store(0.5 * widen(X) * (1.0 + self.xp.tanh(V)), X, inplace)

    def backprop_gelu_approx(self, dY: FloatsXdT, X: FloatsXdT, inplace: bool = False) -> FloatsXdT:
        """dX = dY · (1 + tanh(V) + X · (1 − tanh²(V)) · dV/dX) / 2."""
        check_same_shape("backprop_gelu_approx", dY, X)
        V, Z = self._gelu_V(X)
        dV = SQRT2PI * (1.0 + 3 * 0.044715 * Z * Z)
        # 1 / cosh² is 1 − tanh² without the cancellation.
        slope = 0.5 * (1.0 + self.xp.tanh(V) + Z * self.sechsq(V) * dV)
        return store(dY * slope, dY, inplace)

    def mish(self, X: FloatsXdT, threshold: float = 20.0, inplace: bool = False) -> FloatsXdT:
        """Y = X · tanh(log(1 + exp(X))), and X itself from `threshold` on.

        Misra 2019, arXiv:1908.08681, eq. 1.
        """
        Z = widen(X)
        _, N = self._mish_powers(Z)
        return store(self.xp.where(Z >= threshold, Z, Z * (N / (N + 2.0))), X, inplace)

    def backprop_mish(self, dY: FloatsXdT, X: FloatsXdT, threshold: float = 20.0, inplace: bool = False) -> FloatsXdT:
        """dX = dY · (T + X · (1 − T²) · σ(X)), with T = tanh(log(1 + exp(X)))."""
        check_same_shape("backprop_mish", dY, X)
        Z = self.xp.clip(widen(X), -100.0, 100.0)  # or ∞ · 0 could happen
        E, N = self._mish_powers(Z)
        curve = Z * (4.0 * (N + 1.0) / (N + 2.0) ** 2) * (E / (1.0 + E))
        slope = self.xp.where(Z >= threshold, 1.0, N / (N + 2.0) + curve)
        return store(dY * slope, dY, inplace)

    def _mish_powers(self, X):
        """E = exp(X) and N = E² + 2E, so that tanh(log(1 + E)) = N / (N + 2)."""
        E = self.xp.exp(self.xp.minimum(X, 20.0))  # from there on the quotient is 1
        return E, E * (E + 2.0)

    def _direction(self, X):
        """U = X / √(1 + X²), without overflow."""
        Z = widen(X)
        return Z / self.xp.hypot(Z, self.xp.ones_like(Z))

    def _gelu_V(self, X):
        """V of `gelu_approx`, and X where tanh(V) isn't flat yet."""
        Z = self.xp.clip(widen(X), -FLAT, FLAT)
        return SQRT2PI * (Z + 0.044715 * Z * Z * Z), Z
