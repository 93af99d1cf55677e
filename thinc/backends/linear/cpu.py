"""The matrix products that run on compiled tiles where these can work on the arrays."""

from .._accelerate import kernels, replaces, replaces_any
from .reference import ACTIVATIONS, Linear

# A class that replaces one of these gets the reference form of what is fused from them.
PARTS = {"gemm", "affine", "maxout", "backprop_maxout", "backprop_affine", *ACTIVATIONS}


class CpuLinear(Linear):
    """See `Linear` for the formulas."""

    _fused = True

    def __init_subclass__(cls, **options) -> None:
        super().__init_subclass__(**options)
        if replaces_any(cls, CpuLinear, PARTS):
            cls._fused = False

    @replaces(Linear.gemm)
    def gemm(self, x, y, out=None, trans1=False, trans2=False):
        Z = kernels.gemm(x, y, out, trans1, trans2)
        return Linear.gemm(self, x, y, out, trans1, trans2) if Z is NotImplemented else Z

    @replaces(Linear.affine)
    def affine(self, X, W, b):
        Y = kernels.affine(X, W, b) if self._fused else NotImplemented
        return Linear.affine(self, X, W, b) if Y is NotImplemented else Y

    @replaces(Linear.activated_affine)
    def activated_affine(self, X, W, b, activation, keep=True):
        both = kernels.activated_affine(X, W, b, activation, keep) if self._fused else NotImplemented
        return Linear.activated_affine(self, X, W, b, activation, keep) if both is NotImplemented else both

    @replaces(Linear.backprop_affine)
    def backprop_affine(self, dZ, X, W, dW, db):
        dX = kernels.backprop_affine(dZ, X, W, dW, db) if self._fused else NotImplemented
        return Linear.backprop_affine(self, dZ, X, W, dW, db) if dX is NotImplemented else dX

    @replaces(Linear.maxout_affine)
    def maxout_affine(self, X, W, b):
        both = kernels.maxout_affine(X, W, b) if self._fused else NotImplemented
        return Linear.maxout_affine(self, X, W, b) if both is NotImplemented else both

    @replaces(Linear.backprop_maxout_affine)
    def backprop_maxout_affine(self, dY, which, X, W, dW, db):
        dX = kernels.backprop_maxout_affine(dY, which, X, W, dW, db) if self._fused else NotImplemented
        return Linear.backprop_maxout_affine(self, dY, which, X, W, dW, db) if dX is NotImplemented else dX
