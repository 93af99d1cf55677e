"""New arrays from the pool, and conversions that mostly have nothing to do."""

import numpy
from numpy import ndarray

from .._accelerate import kernels, replaces
from .reference import Arrays


class CpuArrays(Arrays):
    """See `Arrays`."""

    def asarray(self, data, dtype=None):
        if isinstance(data, ndarray):
            return data if dtype is None else data.astype(dtype, copy=False)
        return numpy.asarray(data, dtype) if type(data) is list else Arrays.asarray(self, data, dtype)

    def alloc(self, shape, *, dtype="float32", zeros=True):
        if type(shape) is not tuple:
            return Arrays.alloc(self, shape, dtype=dtype, zeros=zeros)
        if zeros or kernels is None:
            # The system gives large zeros for nothing until they are touched.
            return numpy.zeros(shape, dtype) if zeros else numpy.empty(shape, dtype)
        array = kernels.empty(shape, dtype)
        return numpy.empty(shape, dtype) if array is NotImplemented else array

    @replaces(Arrays._plus)
    def _plus(self, A, B):
        total = kernels.plus(A, B)
        return Arrays._plus(self, A, B) if total is NotImplemented else total

    @replaces(Arrays._join_columns)
    def _join_columns(self, Xs):
        joined = kernels.join_columns(Xs)
        return Arrays._join_columns(self, Xs) if joined is NotImplemented else joined

    @replaces(Arrays._split_columns)
    def _split_columns(self, X, widths):
        parts = kernels.split_columns(X, widths)
        return Arrays._split_columns(self, X, widths) if parts is NotImplemented else parts

    asarray.__doc__ = Arrays.asarray.__doc__
    alloc.__doc__ = Arrays.alloc.__doc__
