# Dropout masks.

cdef extern from "_cpu_dispatch.hh" namespace "thinc" nogil:
    cdef cppclass DropoutTable:
        void (*mask)(float* Y, size_t n, double drop, cnp.uint64_t seed) noexcept
    DropoutTable dropout_kernels "thinc::table.dropout"


def dropout_mask(tuple shape, double drop, cnp.uint64_t seed):
    """float32 numbers that depend on the shape's size, `drop` in (0, 1) and the seed alone."""
    cdef cnp.npy_intp[32] sizes
    cdef int i, ndim = len(shape)
    if ndim > 32:
        return NotImplemented
    for i in range(ndim):
        sizes[i] = shape[i]
        if sizes[i] < 0:
            return NotImplemented
    cdef cnp.ndarray Y = new_array(ndim, sizes, F32, False)
    cdef float* y = <float*>data_of(Y)
    cdef size_t n = size_of(Y)
    cdef PyThreadState* state = release(n)
    dropout_kernels.mask(y, n, drop, seed)
    regain(state)
    return Y
