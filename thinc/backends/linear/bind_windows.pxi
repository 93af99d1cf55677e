# A maxout layer over windows, with its normalization and its residual, in one call.


cdef int windows_dtype(object X, object W, object b, object G, object shift, Py_ssize_t nW) noexcept:
    """The dtype of the arrays where all fit together, else OTHER."""
    cdef int dtype = floats(X)
    if dtype == OTHER or ndim_of(<cnp.ndarray>X) != 2 or size_of(<cnp.ndarray>X) == 0 or not 0 <= nW < 2 ** 16:
        return OTHER
    cdef cnp.npy_intp w = shape_of(<cnp.ndarray>X)[1]
    if floats(W) != dtype or ndim_of(<cnp.ndarray>W) != 3 or floats(b) != dtype or ndim_of(<cnp.ndarray>b) != 2:
        return OTHER
    cdef cnp.npy_intp* sizes = shape_of(<cnp.ndarray>W)
    cdef cnp.npy_intp* pieces = shape_of(<cnp.ndarray>b)
    if sizes[0] != w or sizes[1] == 0 or sizes[2] != w * (2 * nW + 1) or pieces[0] != w or pieces[1] != sizes[1]:
        return OTHER
    return dtype if vector_of(G, dtype, w) and vector_of(shift, dtype, w) else OTHER


def encode_windows(X, W, b, G, shift, Py_ssize_t nW, double epsilon):
    """X + layernorm(best), with the best pieces of a product of windows of X."""
    X = compact(X)
    cdef int dtype = windows_dtype(X, W, b, G, shift, nW)
    if dtype == OTHER:
        return NotImplemented
    cdef cnp.npy_intp* w = shape_of(W)
    cdef size_t M = shape_of(X)[0]
    cdef cnp.ndarray Y = empty_like(X)
    cdef WindowProduct[float] f
    cdef WindowProduct[double] d
    f.maxout.Y, f.maxout.X, f.maxout.W = <float*>data_of(Y), <float*>data_of(X), <float*>data_of(W)
    d.maxout.Y, d.maxout.X, d.maxout.W = <double*>data_of(Y), <double*>data_of(X), <double*>data_of(W)
    f.maxout.b, f.G, f.shift, f.epsilon, f.nW = <float*>data_of(b), <float*>data_of(G), <float*>data_of(shift), epsilon, nW
    d.maxout.b, d.G, d.shift, d.epsilon, d.nW = <double*>data_of(b), <double*>data_of(G), <double*>data_of(shift), epsilon, nW
    f.maxout.M, f.maxout.nO, f.maxout.nP, f.maxout.nI = M, w[0], w[1], w[2]
    d.maxout.M, d.maxout.nO, d.maxout.nP, d.maxout.nI = M, w[0], w[1], w[2]
    cdef PyThreadState* state = release((M * w[0] * w[1] * w[2]) >> 4)
    cdef bint done = linear32.encode_windows(f) if dtype == F32 else linear64.encode_windows(d)
    regain(state)
    if not done:
        raise MemoryError("encode_windows: no memory for a copy of W")
    return Y
