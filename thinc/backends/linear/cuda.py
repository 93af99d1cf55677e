"""Products of cuBLAS, and what follows them in one pass over the memory."""

from .._accelerate import replaces_any
from .._cuda import Grid, Launcher, are_floats, compact, launches
from .._known import remember
from .cpu import PARTS
from .reference import ACTIVATIONS, Linear

# The struct in activation/functions.hh for each name; "hard_swish" -> "HardSwish".
STRUCTS = {name: "".join(word.capitalize() for word in name.split("_")) for name in ACTIVATIONS}


class CudaLinear(Linear):
    """See `Linear` for the formulas."""

    _cuda: Launcher

    _fused = True

    def __init_subclass__(cls, **options) -> None:
        super().__init_subclass__(**options)
        if replaces_any(cls, CudaLinear, PARTS - {"gemm"}):  # their own forms of what is fused have to run
            cls._fused = False

    @launches(Linear.affine)
    def affine(self, X, W, b):
        b = compact(self.xp, b)
        if not self._fused or not are_floats(self.xp, b) or b.shape != W.shape[:1] or X.shape[1:] != W.shape[1:]:
            return NotImplemented
        Y = self.gemm(X, W, trans2=True)
        if not are_floats(self.xp, Y, b):
            Y += b
        elif Y.size:
            self._cuda("linear", "add_bias", (Y.dtype.name,), Grid.of_elements(Y.size), Y, b, *Y.shape)
        return Y

    @launches(Linear.activated_affine)
    def activated_affine(self, X, W, b, activation, keep=True):
        b = compact(self.xp, b)
        if not self._fused or activation not in STRUCTS or not _fit(self.xp, X, W, b):
            return NotImplemented
        Z = self.gemm(X, W, trans2=True)
        Y = self.xp.empty_like(Z) if keep else Z
        if Y.size:
            types = (f"thinc::activation::{STRUCTS[activation]}", Y.dtype.name)
            self._cuda("linear", "forward", types, Grid.of_elements(Y.size), Z, b, Y, *Y.shape)
        return Y, (Z if keep else None)

    @launches(Linear.maxout_affine)
    def maxout_affine(self, X, W, b):
        b = compact(self.xp, b)
        if not self._fused or W.ndim != 3 or 0 in W.shape or not _fit(self.xp, X, W, b):
            return NotImplemented
        nO, nP, nI = W.shape
        Z = self.gemm(X, W.reshape((nO * nP, nI)), trans2=True)
        best = self.xp.empty((len(X), nO), Z.dtype)
        which = self.xp.empty((len(X), nO), "int32")
        if best.size:
            grid = Grid.of_elements(best.size)
            self._cuda("linear", "maxout", (Z.dtype.name,), grid, Z, b, best, which, *best.shape, nP)
        return best, remember(which, low=0, high=nP)


def _fit(xp, X, W, b):
    """A bias for all rows of W but the last axis, X as wide as W, and all of one dtype."""
    if b.shape != W.shape[:-1] or X.shape[1:] != W.shape[-1:]:
        return False
    return are_floats(xp, b) and X.dtype == W.dtype == b.dtype
