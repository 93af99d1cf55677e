# cython: language_level=3
"""CBlas hands BLAS routines to compiled clients; a client may set its own."""

from cpython.pycapsule cimport PyCapsule_GetPointer
from libc.stdlib cimport free, malloc


cdef extern from "cblas_loops.hh" namespace "thinc::loops" nogil:
    void multiply(bint transA, bint transB, int M, int N, int K, float alpha, const float* A, int lda,
                  const float* B, int ldb, float beta, float* C, int ldc) noexcept
    void add_scaled[Float](int N, Float alpha, const Float* X, int incX, Float* Y, int incY) noexcept


cdef class CBlas:
    """The routines of one backend.  Each starts as a plain loop."""

    def __cinit__(self):
        self.routines = <Routines*>malloc(sizeof(Routines))
        if self.routines == NULL:
            raise MemoryError
        self.routines.sgemm = &multiply
        self.routines.saxpy = &add_scaled[float]
        self.routines.daxpy = &add_scaled[double]

    def __dealloc__(self):
        free(self.routines)

    def use_sgemm(self, capsule):
        """Multiply with the function in a capsule named "thinc.sgemm", of the type sgemm_ptr."""
        self.routines.sgemm = <sgemm_ptr>PyCapsule_GetPointer(capsule, "thinc.sgemm")

    def __reduce__(self):
        raise TypeError("CBlas: pointers to functions can't be pickled; ask `ops.cblas()` for a new one")


cdef sgemm_ptr sgemm(CBlas cblas) noexcept nogil:
    return cblas.routines.sgemm


cdef saxpy_ptr saxpy(CBlas cblas) noexcept nogil:
    return cblas.routines.saxpy


cdef daxpy_ptr daxpy(CBlas cblas) noexcept nogil:
    return cblas.routines.daxpy


cdef void set_sgemm(CBlas cblas, sgemm_ptr sgemm) noexcept nogil:
    cblas.routines.sgemm = sgemm


cdef void set_saxpy(CBlas cblas, saxpy_ptr saxpy) noexcept nogil:
    cblas.routines.saxpy = saxpy


cdef void set_daxpy(CBlas cblas, daxpy_ptr daxpy) noexcept nogil:
    cblas.routines.daxpy = daxpy
