"""The matrix products that run on compiled tiles where these can work on the arrays."""

from .._accelerate import accelerates, kernels
from .reference import ACTIVATIONS, Linear

# A class that replaces one of these gets the reference form of what is fused from them.
PARTS = {"gemm", "affine", "maxout", "backprop_maxout", "backprop_affine", *ACTIVATIONS}


class CpuLinear(Linear):
    """See `Linear` for the formulas."""

    _fused = True

    def __init_subclass__(cls, **options) -> None:
        super().__init_subclass__(**options)
        if PARTS & set(vars(cls)):
            cls._fused = False

    @accelerates(Linear.gemm)
    def gemm(self, x, y, out=None, trans1=False, trans2=False):
        return kernels.gemm(x, y, out, trans1, trans2)

    @accelerates(Linear.affine)
    def affine(self, X, W, b):
        return kernels.affine(X, W, b) if self._fused else NotImplemented

    @accelerates(Linear.activated_affine)
    def activated_affine(self, X, W, b, activation, keep=True):
        return kernels.activated_affine(X, W, b, activation, keep) if self._fused else NotImplemented

    @accelerates(Linear.backprop_affine)
    def backprop_affine(self, dZ, X, W, dW, db):
        return kernels.backprop_affine(dZ, X, W, dW, db) if self._fused else NotImplemented

    @accelerates(Linear.maxout_affine)
    def maxout_affine(self, X, W, b):
        return kernels.maxout_affine(X, W, b) if self._fused else NotImplemented

    @accelerates(Linear.backprop_maxout_affine)
    def backprop_maxout_affine(self, dY, which, X, W, dW, db):
        return kernels.backprop_maxout_affine(dY, which, X, W, dW, db) if self._fused else NotImplemented
