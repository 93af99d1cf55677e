"""Make, convert and reshape arrays, for any array module `self.xp`."""

from typing import Any

import numpy

from ...errors import ContainerError, ShapeError
from ...types import (
    Array1d,
    Array2d,
    Array3d,
    Array4d,
    ArrayT,
    ArrayXd,
    DTypesFloat,
    DTypesInt,
    Floats1d,
    Floats2d,
    Floats3d,
    Floats4d,
    FloatsXd,
    Ints1d,
    Ints2d,
    Ints3d,
    Ints4d,
    IntsXd,
    Shape,
)

BIG = 4096  # elements: below, new memory costs nothing


class Arrays:
    """Shapes are an int or a tuple of ints; nothing is copied without need."""

    xp: Any = numpy

    def to_numpy(self, data: Any, *, byte_order: str | None = None) -> Any:
        """`data` in host memory, the same object if it is there already.

        byte_order: "<", ">" or "="; the values stay, the bytes are swapped if needed.
        """
        if not isinstance(data, numpy.ndarray):
            raise ContainerError(
                f"to_numpy: got {type(data).__name__}, wants a numpy.ndarray; convert it with ops.asarray first"
            )
        if byte_order is None:
            return data
        return data.astype(data.dtype.newbyteorder(byte_order), copy=False)

    def asarray(self, data: Any, dtype: Any = None) -> Any:
        """`data` as an array of `self.xp`, the same object where it is one already.

        data: an array, a tensor of another framework, a number or nested sequences.
        """
        if isinstance(data, self.xp.ndarray):
            return data if dtype is None else data.astype(dtype, copy=False)
        array = self.xp.asarray(on_host(data), dtype=dtype)
        return array if dtype is None else array.astype(dtype, copy=False)

    def as_contig(self, data: ArrayT, dtype: Any = None) -> ArrayT:
        """`data` in C order, the same object where it is so already."""
        if data.flags["C_CONTIGUOUS"] and dtype in (None, data.dtype):
            return data
        return self.xp.array(data, dtype=dtype, order="C")

    def alloc(self, shape: Shape, *, dtype: Any = "float32", zeros: bool = True) -> Any:
        """A new array: of zeros, or uninitialised with `zeros=False`."""
        if not isinstance(shape, tuple):
            shape = tuple(shape) if isinstance(shape, list) else (shape,)
        return self.xp.zeros(shape, dtype) if zeros else self.xp.empty(shape, dtype)

    def reshape(self, array: Any, shape: Shape) -> Any:
        """A view of `array` with another shape, or a copy if there is no such view."""
        return array.reshape(shape)

    def _plus(self, A: Any, B: Any) -> Any:
        """A + B, in memory that the backend keeps for such arrays where it may be of use."""
        if A.size < BIG or A.shape != B.shape or A.dtype != B.dtype:
            try:
                return A + B
            except ValueError:
                raise ShapeError(f"can't add {_shown([A, B])}; give them one shape") from None
        return self.xp.add(A, B, out=self.alloc(A.shape, dtype=A.dtype, zeros=False))

    def _join_columns(self, Xs: list[Any]) -> Any:
        """The arrays side by side along axis 1, in memory from the pool where their dtype is one."""
        first = Xs[0]
        if any(X.shape[:1] != first.shape[:1] for X in Xs):
            raise ShapeError(f"can't put {_shown(Xs)} side by side; give each as many rows")
        if any(X.ndim != 2 or X.dtype != first.dtype for X in Xs):
            return self.xp.concatenate(Xs, axis=1)
        out = self.alloc((first.shape[0], sum(X.shape[1] for X in Xs)), dtype=first.dtype, zeros=False)
        return self.xp.concatenate(Xs, axis=1, out=out)

    def _split_columns(self, X: Any, widths: list[int]) -> list[Any]:
        """Contiguous blocks of the columns of a matrix, with the given widths, which are all there are."""
        if X.ndim != 2 or X.shape[1] != sum(widths):
            raise ShapeError(
                f"split: got {X.dtype}{list(X.shape)} for outputs of {widths} columns. Give it {sum(widths)} columns."
            )
        parts, start = [], 0
        for width in widths:
            part = self.alloc((len(X), width), dtype=X.dtype, zeros=False)
            part[...] = X[:, start : start + width]
            parts.append(part)
            start += width
        return parts

    def alloc1f(self, d0: int, *, dtype: DTypesFloat = "float32", zeros: bool = True) -> Floats1d:
        return self.alloc((d0,), dtype=dtype, zeros=zeros)

    def alloc2f(self, d0: int, d1: int, *, dtype: DTypesFloat = "float32", zeros: bool = True) -> Floats2d:
        return self.alloc((d0, d1), dtype=dtype, zeros=zeros)

    def alloc3f(self, d0: int, d1: int, d2: int, *, dtype: DTypesFloat = "float32", zeros: bool = True) -> Floats3d:
        return self.alloc((d0, d1, d2), dtype=dtype, zeros=zeros)

    def alloc4f(
        self, d0: int, d1: int, d2: int, d3: int, *, dtype: DTypesFloat = "float32", zeros: bool = True
    ) -> Floats4d:
        return self.alloc((d0, d1, d2, d3), dtype=dtype, zeros=zeros)

    def alloc_f(self, shape: Shape, *, dtype: DTypesFloat = "float32", zeros: bool = True) -> FloatsXd:
        return self.alloc(shape, dtype=dtype, zeros=zeros)

    def alloc1i(self, d0: int, *, dtype: DTypesInt = "int32", zeros: bool = True) -> Ints1d:
        return self.alloc((d0,), dtype=dtype, zeros=zeros)

    def alloc2i(self, d0: int, d1: int, *, dtype: DTypesInt = "int32", zeros: bool = True) -> Ints2d:
        return self.alloc((d0, d1), dtype=dtype, zeros=zeros)

    def alloc3i(self, d0: int, d1: int, d2: int, *, dtype: DTypesInt = "int32", zeros: bool = True) -> Ints3d:
        return self.alloc((d0, d1, d2), dtype=dtype, zeros=zeros)

    def alloc4i(self, d0: int, d1: int, d2: int, d3: int, *, dtype: DTypesInt = "int32", zeros: bool = True) -> Ints4d:
        return self.alloc((d0, d1, d2, d3), dtype=dtype, zeros=zeros)

    def alloc_i(self, shape: Shape, *, dtype: DTypesInt = "int32", zeros: bool = True) -> IntsXd:
        return self.alloc(shape, dtype=dtype, zeros=zeros)

    def asarray1f(self, data: Any, *, dtype: DTypesFloat = "float32") -> Floats1d:
        return self.asarray(data, dtype=dtype)

    def asarray2f(self, data: Any, *, dtype: DTypesFloat = "float32") -> Floats2d:
        return self.asarray(data, dtype=dtype)

    def asarray3f(self, data: Any, *, dtype: DTypesFloat = "float32") -> Floats3d:
        return self.asarray(data, dtype=dtype)

    def asarray4f(self, data: Any, *, dtype: DTypesFloat = "float32") -> Floats4d:
        return self.asarray(data, dtype=dtype)

    def asarray_f(self, data: Any, *, dtype: DTypesFloat = "float32") -> FloatsXd:
        return self.asarray(data, dtype=dtype)

    def asarray1i(self, data: Any, *, dtype: DTypesInt = "int32") -> Ints1d:
        return self.asarray(data, dtype=dtype)

    def asarray2i(self, data: Any, *, dtype: DTypesInt = "int32") -> Ints2d:
        return self.asarray(data, dtype=dtype)

    def asarray3i(self, data: Any, *, dtype: DTypesInt = "int32") -> Ints3d:
        return self.asarray(data, dtype=dtype)

    def asarray4i(self, data: Any, *, dtype: DTypesInt = "int32") -> Ints4d:
        return self.asarray(data, dtype=dtype)

    def asarray_i(self, data: Any, *, dtype: DTypesInt = "int32") -> IntsXd:
        return self.asarray(data, dtype=dtype)

    def reshape1(self, array: ArrayXd, d0: int) -> Array1d:
        return self.reshape(array, (d0,))

    def reshape2(self, array: ArrayXd, d0: int, d1: int) -> Array2d:
        return self.reshape(array, (d0, d1))

    def reshape3(self, array: ArrayXd, d0: int, d1: int, d2: int) -> Array3d:
        return self.reshape(array, (d0, d1, d2))

    def reshape4(self, array: ArrayXd, d0: int, d1: int, d2: int, d3: int) -> Array4d:
        return self.reshape(array, (d0, d1, d2, d3))

    def reshape1f(self, array: FloatsXd, d0: int) -> Floats1d:
        return self.reshape(array, (d0,))

    def reshape2f(self, array: FloatsXd, d0: int, d1: int) -> Floats2d:
        return self.reshape(array, (d0, d1))

    def reshape3f(self, array: FloatsXd, d0: int, d1: int, d2: int) -> Floats3d:
        return self.reshape(array, (d0, d1, d2))

    def reshape4f(self, array: FloatsXd, d0: int, d1: int, d2: int, d3: int) -> Floats4d:
        return self.reshape(array, (d0, d1, d2, d3))

    def reshape_f(self, array: FloatsXd, shape: Shape) -> FloatsXd:
        return self.reshape(array, shape)

    def reshape1i(self, array: IntsXd, d0: int) -> Ints1d:
        return self.reshape(array, (d0,))

    def reshape2i(self, array: IntsXd, d0: int, d1: int) -> Ints2d:
        return self.reshape(array, (d0, d1))

    def reshape3i(self, array: IntsXd, d0: int, d1: int, d2: int) -> Ints3d:
        return self.reshape(array, (d0, d1, d2))

    def reshape4i(self, array: IntsXd, d0: int, d1: int, d2: int, d3: int) -> Ints4d:
        return self.reshape(array, (d0, d1, d2, d3))

    def reshape_i(self, array: IntsXd, shape: Shape) -> IntsXd:
        return self.reshape(array, shape)


def on_host(data):
    """Tensors of other frameworks as numpy arrays; anything else as it is."""
    if hasattr(data, "detach"):  # torch: gradients and devices must be left explicitly
        return data.detach().cpu().numpy()
    if hasattr(data, "__cuda_array_interface__") and hasattr(data, "get"):
        return data.get()
    if hasattr(data, "asnumpy"):  # mxnet
        return data.asnumpy()
    if hasattr(data, "numpy") and callable(data.numpy):
        return data.numpy()
    return data


def _shown(arrays: list[Any]) -> str:
    return " and ".join(f"{array.dtype}{list(array.shape)}" for array in arrays)
