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
    size_t bytes_of "PyArray_NBYTES"(cnp.ndarray X)
    cnp.npy_intp* strides_of "PyArray_STRIDES"(cnp.ndarray X)
    bint is_native "PyArray_ISNOTSWAPPED"(cnp.ndarray X)
    int item_size "PyArray_ITEMSIZE"(cnp.ndarray X)
    cnp.ndarray cast_to "PyArray_Cast"(cnp.ndarray X, int dtype)
    cnp.ndarray copy_of "PyArray_NewCopy"(cnp.ndarray X, cnp.NPY_ORDER order)
    bint is_writeable "PyArray_ISWRITEABLE"(cnp.ndarray X)
    bint is_aligned "PyArray_ISALIGNED"(cnp.ndarray X)


include "_memory.pxi"


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
    if not is_array(Y) or not is_behaved(<cnp.ndarray>Y) or type_of(<cnp.ndarray>X) != type_of(<cnp.ndarray>Y):
        return False
    return same_shape(X, Y)


cdef inline object compact(object X):
    """X itself, or a copy in C order of an array with gaps: copying costs less than the reference."""
    if is_array(X) and not is_behaved(<cnp.ndarray>X) and is_native(<cnp.ndarray>X) and type_of(<cnp.ndarray>X) != cnp.NPY_OBJECT:
        return copy_of(<cnp.ndarray>X, cnp.NPY_CORDER)
    return X


cdef inline bint share_memory(cnp.ndarray X, cnp.ndarray Y):
    """Do two arrays in C order have a byte in common?"""
    cdef char* x = <char*>data_of(X)
    cdef char* y = <char*>data_of(Y)
    return x < y + bytes_of(Y) and y < x + bytes_of(X)


cdef inline bint overlap(object X, object Y):
    """Do two arrays of one size, both in C order, share a part of their memory, but not all?"""
    return data_of(X) != data_of(Y) and share_memory(X, Y)


cdef inline bint keys64(object X):
    """Is X an uint64 array in C order with one axis?"""
    return (
        is_array(X) and is_behaved(<cnp.ndarray>X) and type_of(<cnp.ndarray>X) == cnp.NPY_UINT64
        and ndim_of(<cnp.ndarray>X) == 1
    )


cdef inline bint is_word(int dtype):
    """Is this the dtype of 64-bit integers?"""
    return dtype == cnp.NPY_UINT64 or dtype == cnp.NPY_INT64


cdef inline bint ints(object X):
    """Is X an int32 array in C order?"""
    return is_array(X) and is_behaved(<cnp.ndarray>X) and type_of(<cnp.ndarray>X) == cnp.NPY_INT32


cdef inline bint same_shape(cnp.ndarray X, cnp.ndarray Y):
    cdef int i
    if ndim_of(X) != ndim_of(Y):
        return False
    for i in range(ndim_of(X)):
        if shape_of(X)[i] != shape_of(Y)[i]:
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
include "arrays/bind.pxi"
include "activation/bind_rows.pxi"
include "dropout/bind.pxi"
include "linear/bind.pxi"
include "linear/bind_maxout.pxi"
include "linear/bind_blas.pxi"
include "lookup/bind.pxi"
include "normalization/bind.pxi"
include "linear/bind_windows.pxi"
include "recurrent/bind.pxi"
include "sequence/bind.pxi"
include "sequence/bind_rows.pxi"
include "sequence/bind_lists.pxi"
include "lookup/bind_features.pxi"
include "lookup/bind_strings.pxi"
include "training/bind.pxi"
