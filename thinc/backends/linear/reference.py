"""Matrix products with checked shapes, for any array module `self.xp`."""

from collections.abc import Sequence
from typing import Any

from ...errors import DTypeError, ShapeError
from ...types import Floats1d, Floats2d, Floats3d, Ints2d
from ..activation.reference import Activations
from ..arrays.reference import Arrays

# The operations that may follow a product directly, see `activated_affine`.
ACTIVATIONS = (
    "relu",
    "sigmoid",
    "swish",
    "dish",
    "gelu",
    "gelu_approx",
    "hard_swish",
    "hard_swish_mobilenet",
    "mish",
)


class Linear(Activations, Arrays):
    """Arguments may be strided or empty; only `out` is written."""

    def gemm(
        self, x: Floats2d, y: Floats2d, out: Floats2d | None = None, trans1: bool = False, trans2: bool = False
    ) -> Floats2d:
        """op(x) @ op(y), where op transposes if trans1, trans2.

        op(x): (n, k).  op(y): (k, m).  out: (n, m), written and returned if given.
        Both have one float dtype.  Raises ShapeError and DTypeError.
        """
        if x.ndim != 2 or y.ndim != 2:
            raise ShapeError(f"gemm: got {show(x)} and {show(y)}; give two matrices")
        # A float64 input would silently make everything after it slow and float64.
        if x.dtype != y.dtype or x.dtype.kind != "f":
            raise DTypeError(
                f"gemm: got {show(x)} and {show(y)}; give both the same float dtype, "
                "float32 as a rule (`X.astype('float32')`)"
            )
        A = x.T if trans1 else x
        B = y.T if trans2 else y
        if A.shape[1] != B.shape[0]:
            raise ShapeError(
                f"gemm: got {show(x)} (trans1={trans1}) and {show(y)} (trans2={trans2}); "
                f"the inner sizes {A.shape[1]} and {B.shape[0]} must agree"
            )
        if out is None:
            return self.xp.matmul(A, B)
        check_out(out, (A.shape[0], B.shape[1]), self.xp.result_type(A, B))
        if self.xp.may_share_memory(out, x) or self.xp.may_share_memory(out, y):
            out[...] = self.xp.matmul(A, B)
            return out
        return self.xp.matmul(A, B, out=out)

    def affine(self, X: Floats2d, W: Floats2d, b: Floats1d) -> Floats2d:
        """Y = X · Wᵀ + b.

        X: (n, nI), or (0, 0), which an empty list of sequences becomes.  W: (nO, nI).  b: (nO,).  Y: (n, nO).
        """
        Y = self.gemm(_widened(self.xp, X, W), W, trans2=True)
        if b.shape not in ((Y.shape[1],), (1, Y.shape[1])):
            raise ShapeError(f"affine: got b = {show(b)}; it must have the shape ({Y.shape[1]},)")
        Y += b
        return Y

    def activated_affine(
        self, X: Floats2d, W: Floats2d, b: Floats1d, activation: str, keep: bool = True
    ) -> tuple[Floats2d, Floats2d | None]:
        """(f(Z), Z) with Z = X · Wᵀ + b, or (f(Z), None) without `keep`.

        X: (n, nI).  W: (nO, nI).  b: (nO,).  Z: (n, nO).  activation: the name of f, an
        operation with default options.  Raises ValueError for a name that is not among ACTIVATIONS.
        """
        if activation not in ACTIVATIONS:
            raise ValueError(f"activated_affine: got the activation {activation!r}; give one of {list(ACTIVATIONS)}")
        Z = self.affine(X, W, b)
        return getattr(self, activation)(Z, inplace=not keep), (Z if keep else None)

    def backprop_affine(self, dZ: Floats2d, X: Floats2d, W: Floats2d, dW: Floats2d, db: Floats1d) -> Floats2d:
        """dX = dZ · W, after dW += dZᵀ · X and db += Σ over n of dZ.

        dZ: (n, nO).  X, dX: (n, nI).  W, dW: (nO, nI).  db: (nO,).
        """
        dW += self.gemm(dZ, _widened(self.xp, X, W), trans1=True)
        db += dZ.sum(axis=0, dtype="float64")  # one chain of single additions would be off by their number
        return _narrowed(self.gemm(dZ, W), X)

    def maxout_affine(self, X: Floats2d, W: Floats3d, b: Floats2d) -> tuple[Floats2d, Ints2d]:
        """The best piece of Z[n, o, p] = X[n] · W[o, p] + b[o, p], and which it was.

        X: (n, nI).  W: (nO, nP, nI).  b: (nO, nP).  best: (n, nO).  which: (n, nO) int32.
        """
        nO, nP, nI = W.shape
        Z = self.affine(X, W.reshape((nO * nP, nI)), b.reshape((nO * nP,)))
        return self.maxout(Z.reshape((X.shape[0], nO, nP)))

    def backprop_maxout_affine(
        self, dY: Floats2d, which: Ints2d, X: Floats2d, W: Floats3d, dW: Floats3d, db: Floats2d
    ) -> Floats2d:
        """`backprop_affine` for dZ[n, o, which[n, o]] = dY[n, o], and 0 elsewhere.

        dY, which: (n, nO).  X, dX: (n, nI).  W, dW: (nO, nP, nI).  db: (nO, nP).
        """
        nO, nP, nI = W.shape
        dZ = self.backprop_maxout(dY, which, nP)
        db += dZ.sum(axis=0, dtype="float64")  # one chain of single additions would be off by their number
        rows = dZ.reshape((dY.shape[0], nO * nP))
        dW += self.gemm(rows, _widened(self.xp, X, W), trans1=True).reshape((nO, nP, nI))
        return _narrowed(self.gemm(rows, W.reshape((nO * nP, nI))), X)

    def tile(self, X: Any, reps: int | Sequence[int]) -> Any:
        """X repeated `reps` times (an int, or one number per axis)."""
        return self.xp.tile(X, reps)


def _widened(xp, X, W):
    """X; without rows, and so with nothing to tell their width by, in the width of W."""
    return xp.empty((0, W.shape[-1]), dtype=X.dtype) if X.shape == (0, 0) else X


def _narrowed(dX, X):
    """dX as wide as X, the reverse of `_widened`."""
    return dX[:, :0] if X.shape == (0, 0) else dX


def show(array) -> str:
    """Dtype and shape in one word: `float32[2, 3]`."""
    return f"{array.dtype}{list(array.shape)}"


def check_out(out, shape, dtype) -> None:
    """Refuse an `out` that can't hold the product exactly."""
    if out.shape != shape:
        raise ShapeError(f"gemm: got out = {show(out)}; the product has the shape {shape}")
    if out.dtype != dtype:
        raise DTypeError(f"gemm: got out = {show(out)}; the product has the dtype {dtype}")
