"""Layer normalization in one compiled loop over the rows."""

from .._accelerate import accelerates, kernels
from .reference import Normalization


class CpuNormalization(Normalization):
    """See `Normalization` for the formulas."""

    @accelerates(Normalization.layernorm)
    def layernorm(self, X, G, b, epsilon=1e-8):
        return kernels.layernorm(X, G, b, epsilon)

    @accelerates(Normalization.backprop_layernorm)
    def backprop_layernorm(self, dY, X, mu, s, G):
        return kernels.backprop_layernorm(dY, X, mu, s, G)
