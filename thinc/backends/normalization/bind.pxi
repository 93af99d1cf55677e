# Layer normalization: one call allocates, computes and returns.

cdef extern from "_cpu_dispatch.hh" namespace "thinc" nogil:
    cdef cppclass NormalizationTable[T]:
        void (*layernorm)(
            const T* X, const T* G, const T* b, T* Y, T* mu, T* s, size_t n, size_t w, T epsilon
        ) noexcept
        void (*backprop_layernorm)(
            const T* dY, const T* X, const T* mu, const T* s, const T* G, T* dX, T* dG, T* db, T* scratch,
            size_t n, size_t w
        ) noexcept
    NormalizationTable[float] normalization32 "thinc::table.f32.normalization"
    NormalizationTable[double] normalization64 "thinc::table.f64.normalization"


cdef inline bint vector_of(object X, int dtype, cnp.npy_intp size):
    """Is X such a vector in C order?"""
    return floats(X) == dtype and ndim_of(X) == 1 and shape_of(X)[0] == size


def layernorm(X, G, b, double epsilon):
    X = compact(X)
    cdef int dtype = floats(X)
    if dtype == OTHER or ndim_of(X) != 2 or size_of(X) == 0:
        return NotImplemented
    cdef cnp.npy_intp n = shape_of(X)[0], w = shape_of(X)[1]
    if not vector_of(G, dtype, w) or not vector_of(b, dtype, w):
        return NotImplemented
    cdef cnp.ndarray Y = empty_like(X)
    cdef cnp.ndarray mu = new_array(1, &n, dtype, False)
    cdef cnp.ndarray s = new_array(1, &n, dtype, False)
    cdef void* x = data_of(X)
    cdef void* g = data_of(G)
    cdef void* bias = data_of(b)
    cdef void* y = data_of(Y)
    cdef void* m = data_of(mu)
    cdef void* scale = data_of(s)
    cdef PyThreadState* state = release(n * w)
    if dtype == F32:
        normalization32.layernorm(
            <const float*>x, <const float*>g, <const float*>bias, <float*>y, <float*>m, <float*>scale, n, w, epsilon
        )
    else:
        normalization64.layernorm(
            <const double*>x, <const double*>g, <const double*>bias, <double*>y, <double*>m, <double*>scale, n, w,
            epsilon,
        )
    regain(state)
    return Y, mu, s


def backprop_layernorm(dY, X, mu, s, G):
    dY, X = compact(dY), compact(X)
    cdef int dtype = floats(dY)
    if dtype == OTHER or ndim_of(dY) != 2 or not alike(dY, X) or size_of(dY) == 0:
        return NotImplemented
    cdef cnp.npy_intp n = shape_of(dY)[0], w = shape_of(dY)[1]
    if not vector_of(G, dtype, w) or not vector_of(mu, dtype, n) or not vector_of(s, dtype, n):
        return NotImplemented
    cdef cnp.npy_intp[2] two = [2, w]
    cdef cnp.ndarray dX = empty_like(dY)
    cdef cnp.ndarray dG = new_array(1, &w, dtype, False)
    cdef cnp.ndarray db = new_array(1, &w, dtype, False)
    cdef cnp.ndarray scratch = new_array(2, two, dtype, False)
    cdef void* dy = data_of(dY)
    cdef void* x = data_of(X)
    cdef void* m = data_of(mu)
    cdef void* scale = data_of(s)
    cdef void* g = data_of(G)
    cdef void* dx = data_of(dX)
    cdef void* dg = data_of(dG)
    cdef void* dbias = data_of(db)
    cdef void* work = data_of(scratch)
    cdef PyThreadState* state = release(n * w)
    if dtype == F32:
        normalization32.backprop_layernorm(
            <const float*>dy, <const float*>x, <const float*>m, <const float*>scale, <const float*>g,
            <float*>dx, <float*>dg, <float*>dbias, <float*>work, n, w,
        )
    else:
        normalization64.backprop_layernorm(
            <const double*>dy, <const double*>x, <const double*>m, <const double*>scale, <const double*>g,
            <double*>dx, <double*>dg, <double*>dbias, <double*>work, n, w,
        )
    regain(state)
    return dX, dG, db
