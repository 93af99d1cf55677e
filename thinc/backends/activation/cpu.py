"""The activations that run on compiled loops where these can work on the arrays."""

from .._accelerate import accelerates, kernels
from .reference import Activations


class CpuActivations(Activations):
    """See `Activations` for the formulas."""

    @accelerates(Activations.relu)
    def relu(self, X, inplace=False):
        return kernels.relu(X, inplace)

    @accelerates(Activations.backprop_relu)
    def backprop_relu(self, dY, Y, inplace=False):
        return kernels.backprop_relu(dY, Y, inplace)
