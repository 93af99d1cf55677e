# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, binding=False
# distutils: language = c++
"""Bind the CPU kernels: each function takes what its kernel can work on, else gives NotImplemented."""
cimport numpy as cnp
from cpython.pystate cimport PyThreadState

import os

cnp.import_array()


cdef extern from "_cpu_dispatch.hh" namespace "thinc" nogil:
    const char* choose_kernels(const char* limit)


cdef extern from "Python.h":
    PyThreadState* PyEval_SaveThread()
    void PyEval_RestoreThread(PyThreadState* state)


cdef extern from "numpy/arrayobject.h":
    bint is_array "PyArray_CheckExact"(object X)
    bint is_behaved "PyArray_ISCARRAY_RO"(cnp.ndarray X)  # C order, aligned, native byte order
    int type_of "PyArray_TYPE"(cnp.ndarray X)
    int ndim_of "PyArray_NDIM"(cnp.ndarray X)
    size_t size_of "PyArray_SIZE"(cnp.ndarray X)
    cnp.npy_intp* shape_of "PyArray_DIMS"(cnp.ndarray X)
    void* data_of "PyArray_DATA"(cnp.ndarray X)
    bint is_writeable "PyArray_ISWRITEABLE"(cnp.ndarray X)
    cnp.ndarray new_array "PyArray_EMPTY"(int ndim, cnp.npy_intp* shape, int dtype, bint fortran)


cdef enum:
    F32 = cnp.NPY_FLOAT32
    F64 = cnp.NPY_FLOAT64
    OTHER = -1
    # Releasing the GIL costs 60 ns; other threads gain from it only if a kernel takes longer.
    LONG = 10000  # about 10 µs, in elements of a cheap loop


cdef inline int floats(object X):
    """F32 or F64 for a NumPy array of such numbers in C order, else OTHER."""
    cdef int dtype
    if not is_array(X) or not is_behaved(<cnp.ndarray>X):
        return OTHER
    dtype = type_of(<cnp.ndarray>X)
    return dtype if dtype == F32 or dtype == F64 else OTHER


cdef inline bint alike(object X, object Y):
    """Is Y an array of the same dtype, layout and shape as X, which `floats` accepted?"""
    cdef int i
    if not is_array(Y) or not is_behaved(<cnp.ndarray>Y) or type_of(<cnp.ndarray>X) != type_of(<cnp.ndarray>Y):
        return False
    if ndim_of(<cnp.ndarray>X) != ndim_of(<cnp.ndarray>Y):
        return False
    for i in range(ndim_of(<cnp.ndarray>X)):
        if shape_of(<cnp.ndarray>X)[i] != shape_of(<cnp.ndarray>Y)[i]:
            return False
    return True


cdef inline cnp.ndarray empty_like(cnp.ndarray X):
    """A new array of the dtype and shape of X; its numbers are not set."""
    return new_array(ndim_of(X), shape_of(X), type_of(X), False)


cdef inline PyThreadState* release(size_t work) noexcept:
    """Let other Python threads run if the kernel that follows has much work to do."""
    return PyEval_SaveThread() if work > LONG else NULL


cdef inline void regain(PyThreadState* state) noexcept:
    if state != NULL:
        PyEval_RestoreThread(state)


ctypedef void (*Map32)(const float* X, float* Y, size_t n) noexcept nogil
ctypedef void (*Map64)(const double* X, double* Y, size_t n) noexcept nogil
ctypedef void (*Zip32)(const float* X, const float* Y, float* Z, size_t n) noexcept nogil
ctypedef void (*Zip64)(const double* X, const double* Y, double* Z, size_t n) noexcept nogil


cdef object run_map(object X, bint inplace, size_t cost, Map32 f32, Map64 f64):
    """Y = f(X), in X itself if `inplace`.  cost: of one element, in additions."""
    cdef int dtype = floats(X)
    if dtype == OTHER or (inplace and not is_writeable(X)):
        return NotImplemented
    cdef cnp.ndarray Y = X if inplace else empty_like(X)
    cdef size_t n = size_of(Y)
    cdef void* x = data_of(X)
    cdef void* y = data_of(Y)
    cdef PyThreadState* state = release(n * cost)
    if dtype == F32:
        f32(<const float*>x, <float*>y, n)
    else:
        f64(<const double*>x, <double*>y, n)
    regain(state)
    return Y


cdef object run_zip(object X, object Y, bint inplace, size_t cost, Zip32 f32, Zip64 f64):
    """Z = f(X, Y), in X itself if `inplace`.  cost: of one element, in additions."""
    cdef int dtype = floats(X)
    if dtype == OTHER or not alike(X, Y) or (inplace and not is_writeable(X)):
        return NotImplemented
    cdef cnp.ndarray Z = X if inplace else empty_like(X)
    cdef size_t n = size_of(Z)
    cdef void* x = data_of(X)
    cdef void* y = data_of(Y)
    cdef void* z = data_of(Z)
    cdef PyThreadState* state = release(n * cost)
    if dtype == F32:
        f32(<const float*>x, <const float*>y, <float*>z, n)
    else:
        f64(<const double*>x, <const double*>y, <double*>z, n)
    regain(state)
    return Z


cdef str _choose():
    limit = os.environ.get("THINC_CPU_LEVEL", "")
    cdef bytes encoded = limit.encode()
    cdef const char* chosen = choose_kernels(encoded)
    if chosen == NULL:
        raise ImportError(f"THINC_CPU_LEVEL is {limit!r}. Set it to v2, v3 or v4, or unset it.")
    return chosen.decode()


# The instruction set in use. THINC_CPU_LEVEL=v2, v3 or v4 sets a limit: the best level that is
# not above it and that the processor has.
level = _choose()

include "activation/bind.pxi"
