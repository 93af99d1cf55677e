# The three BLAS routines that compiled clients such as spaCy's parser call without the GIL.
#
# Compatibility: the names of module, types and functions are part of the binary interface of spaCy's wheels,
# and so is the size of CBlas, 32 bytes.  The accessors are functions, not methods, so that more can follow.

# op(A): (M, K), op(B): (K, N), C: (M, N), row-major; C = alpha * op(A) @ op(B) + beta * C.
ctypedef void (*sgemm_ptr)(bint transA, bint transB, int M, int N, int K,
                           float alpha, const float* A, int lda, const float* B, int ldb,
                           float beta, float* C, int ldc) noexcept nogil
# Y[i * incY] += alpha * X[i * incX] for i < N.
ctypedef void (*saxpy_ptr)(int N, float alpha, const float* X, int incX, float* Y, int incY) noexcept nogil
ctypedef void (*daxpy_ptr)(int N, double alpha, const double* X, int incX, double* Y, int incY) noexcept nogil


cdef struct Routines:
    sgemm_ptr sgemm
    saxpy_ptr saxpy
    daxpy_ptr daxpy


cdef class CBlas:
    cdef Routines* routines
    cdef void* reserved


cdef sgemm_ptr sgemm(CBlas cblas) noexcept nogil
cdef saxpy_ptr saxpy(CBlas cblas) noexcept nogil
cdef daxpy_ptr daxpy(CBlas cblas) noexcept nogil
cdef void set_sgemm(CBlas cblas, sgemm_ptr sgemm) noexcept nogil
cdef void set_saxpy(CBlas cblas, saxpy_ptr saxpy) noexcept nogil
cdef void set_daxpy(CBlas cblas, daxpy_ptr daxpy) noexcept nogil
