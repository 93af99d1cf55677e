"""The activations that run on compiled loops where their guard accepts the arrays."""

from .._accelerate import accelerates, floats, kernels
from .reference import Activations


def writable(*arrays, **options) -> bool:
    """`floats`, and with `inplace` the first array may be written."""
    inplace = options.get("inplace", False) or any(a is True for a in arrays)
    return floats(*arrays, **options) and (not inplace or arrays[0].flags.writeable)


class CpuActivations(Activations):
    @accelerates(Activations.relu, when=writable)
    def relu(self, X, inplace=False):
        Y = X if inplace else self.xp.empty_like(X)
        kernels.relu(X, Y)
        return Y

    @accelerates(Activations.backprop_relu, when=writable)
    def backprop_relu(self, dY, Y, inplace=False):
        dX = dY if inplace else self.xp.empty_like(dY)
        kernels.backprop_relu(dY, Y, dX)
        return dX
