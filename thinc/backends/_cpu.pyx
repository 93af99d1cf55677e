# cython: language_level=3, boundscheck=False, wraparound=False
# distutils: language = c++
"""Bind the CPU kernels; callers guarantee equal shapes, equal dtypes and C order (see `_accelerate`)."""
cimport numpy as cnp

cnp.import_array()


cdef extern from "activation/kernels.hh" namespace "thinc" nogil:
    void c_relu "thinc::relu"[T](const T* X, T* Y, size_t n) noexcept
    void c_backprop_relu "thinc::backprop_relu"[T](const T* dY, const T* Y, T* dX, size_t n) noexcept


def relu(cnp.ndarray X, cnp.ndarray Y):
    """Y[:] = max(X, 0)."""
    cdef size_t n = cnp.PyArray_SIZE(X)
    cdef void* x = cnp.PyArray_DATA(X)
    cdef void* y = cnp.PyArray_DATA(Y)
    cdef bint single = cnp.PyArray_TYPE(X) == cnp.NPY_FLOAT32
    with nogil:
        if single:
            c_relu[float](<const float*>x, <float*>y, n)
        else:
            c_relu[double](<const double*>x, <double*>y, n)


def backprop_relu(cnp.ndarray dY, cnp.ndarray Y, cnp.ndarray dX):
    """dX[:] = dY where Y > 0, else 0."""
    cdef size_t n = cnp.PyArray_SIZE(dY)
    cdef void* dy = cnp.PyArray_DATA(dY)
    cdef void* y = cnp.PyArray_DATA(Y)
    cdef void* dx = cnp.PyArray_DATA(dX)
    cdef bint single = cnp.PyArray_TYPE(dY) == cnp.NPY_FLOAT32
    with nogil:
        if single:
            c_backprop_relu[float](<const float*>dy, <const float*>y, <float*>dx, n)
        else:
            c_backprop_relu[double](<const double*>dy, <const double*>y, <double*>dx, n)
