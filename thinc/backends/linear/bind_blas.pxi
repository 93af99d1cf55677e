# BLAS's sgemm over our own tiles, for the compiled clients of thinc.backends.cblas.
from cpython.pycapsule cimport PyCapsule_New

cdef extern from "cblas_loops.hh" namespace "thinc::loops" nogil:
    void plain_sgemm "thinc::loops::multiply"(
        bint transA, bint transB, int M, int N, int K, float alpha, const float* A, int lda,
        const float* B, int ldb, float beta, float* C, int ldc) noexcept


cdef void tiled_sgemm(bint transA, bint transB, int M, int N, int K, float alpha, const float* A, int lda,
                      const float* B, int ldb, float beta, float* C, int ldc) noexcept nogil:
    """C = op(A) @ op(B), or C += of it, in tiles; other factors and sizes in plain loops."""
    cdef Product[float] p
    if alpha == 1 and (beta == 0 or beta == 1) and M > 0 and N > 0 and K > 0:
        p.C, p.ldc, p.M, p.N, p.K = C, ldc, M, N, K
        p.A, p.ars, p.acs = A, 1 if transA else lda, lda if transA else 1
        p.B, p.brs, p.bcs = B, 1 if transB else ldb, ldb if transB else 1
        p.add = beta == 1
        p.bias = NULL
        p.finish = NULL
        p.Y = NULL
        p.options = NULL
        if linear32.gemm(p):
            return
    plain_sgemm(transA, transB, M, N, K, alpha, A, lda, B, ldb, beta, C, ldc)


def sgemm():
    """A capsule for `CBlas.use_sgemm`."""
    return PyCapsule_New(<void*>tiled_sgemm, "thinc.sgemm", NULL)
