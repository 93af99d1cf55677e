# A maxout layer: its product, and the way back from the winning pieces alone.


def maxout_affine(X, W, b):
    """(Y, which): the best piece of X · W[:, p]ᵀ + b[:, p], and which it was."""
    cdef int dtype = affine_dtype(X, W, b)
    if dtype == OTHER or ndim_of(W) != 3 or shape_of(W)[1] == 0:
        return NotImplemented
    which = new_matrix(shape_of(X)[0], shape_of(W)[0], cnp.NPY_INT32)
    return best_pieces(dtype, X, W, b, which), which


def predict_maxout(X, W, b):
    """Y alone; equal rows of X are computed once."""
    X = compact(X)
    cdef int dtype = affine_dtype(X, W, b)
    if dtype == OTHER or ndim_of(W) != 3 or shape_of(W)[1] == 0:
        return NotImplemented
    return best_pieces(dtype, X, W, b, None)


cdef cnp.ndarray best_pieces(int dtype, cnp.ndarray X, cnp.ndarray W, cnp.ndarray b, cnp.ndarray which):
    """Y; which pieces are the best is written where `which` is given."""
    cdef Matrix A = view(X, False)
    cdef cnp.npy_intp* w = shape_of(W)
    cdef cnp.ndarray Y = new_matrix(A.rows, w[0], dtype)
    cdef int* index = NULL
    if which is not None:
        index = <int*>data_of(which)
    cdef MaxoutProduct[float] f
    cdef MaxoutProduct[double] d
    cdef bint done
    f.Y, f.X, f.W, f.b = <float*>data_of(Y), <float*>A.data, <float*>data_of(W), <float*>data_of(b)
    d.Y, d.X, d.W, d.b = <double*>data_of(Y), <double*>A.data, <double*>data_of(W), <double*>data_of(b)
    f.which, f.xrs, f.xcs, f.M, f.nO, f.nP, f.nI = index, A.rs, A.cs, A.rows, w[0], w[1], w[2]
    d.which, d.xrs, d.xcs, d.M, d.nO, d.nP, d.nI = index, A.rs, A.cs, A.rows, w[0], w[1], w[2]
    cdef PyThreadState* state = release(<size_t>(A.rows * A.columns * w[0] * w[1]) >> 4)
    if which is None:
        done = linear32.predict_maxout(f) if dtype == F32 else linear64.predict_maxout(d)
    else:
        done = linear32.maxout(f) if dtype == F32 else linear64.maxout(d)
    regain(state)
    if not done:
        raise MemoryError("maxout_affine: no memory for a copy of W")
    return Y


cdef int winners_dtype(object dY, object which, object X, object W, object dW, object db) noexcept:
    """The dtype of the gradients of a maxout layer where all arrays fit together, else OTHER."""
    cdef int dtype = floats(dY)
    if dtype == OTHER or ndim_of(<cnp.ndarray>dY) != 2 or not ints(which) or not same_shape(which, dY):
        return OTHER
    if not is_matrix(X, dtype) or floats(W) != dtype or ndim_of(<cnp.ndarray>W) != 3:
        return OTHER
    cdef cnp.npy_intp* w = shape_of(<cnp.ndarray>W)
    if shape_of(<cnp.ndarray>dY)[0] != shape_of(<cnp.ndarray>X)[0] or shape_of(<cnp.ndarray>dY)[1] != w[0]:
        return OTHER
    if shape_of(<cnp.ndarray>X)[1] != w[2] or not 0 < w[1] < 2 ** 31 or view(X, False).cs != 1:
        return OTHER
    if w[2] == 0:  # the wins are sorted for the columns of W; without any, db is still to be summed
        return OTHER
    if not alike(W, dW) or not is_writeable(<cnp.ndarray>dW):
        return OTHER
    if floats(db) != dtype or not is_writeable(<cnp.ndarray>db) or <cnp.npy_intp>size_of(<cnp.ndarray>db) != w[0] * w[1]:
        return OTHER
    if share_memory(dW, dY) or share_memory(dW, W) or share_memory(dW, db) or may_share(dW, X):
        return OTHER
    if share_memory(db, dY) or share_memory(db, W) or may_share(db, X):
        return OTHER
    return dtype


def backprop_maxout_affine(dY, which, X, W, dW, db):
    """dX = dZ · W with dZ = backprop_maxout(dY, which); adds dZᵀ · X to dW and the sums of dZ's columns to db."""
    dY, which = compact(dY), compact(which)
    cdef int dtype = winners_dtype(dY, which, X, W, dW, db)
    if dtype == OTHER:
        return NotImplemented
    cdef cnp.npy_intp* w = shape_of(W)
    cdef size_t M = shape_of(dY)[0], nO = w[0], nP = w[1], nI = w[2]
    if not linear32.are_below(<int*>data_of(which), M * nO, <int>nP):
        return NotImplemented
    cdef cnp.ndarray dX = new_matrix(M, nI, dtype)
    if nO == 0:
        memset(data_of(dX), 0, bytes_of(dX))
    cdef MaxoutGradient[float] f
    cdef MaxoutGradient[double] d
    f.dY, f.X, f.xrs, f.W = <float*>data_of(dY), <float*>data_of(X), view(X, False).rs, <float*>data_of(W)
    d.dY, d.X, d.xrs, d.W = <double*>data_of(dY), <double*>data_of(X), view(X, False).rs, <double*>data_of(W)
    f.dW, f.db, f.dX, f.which = <float*>data_of(dW), <float*>data_of(db), <float*>data_of(dX), <int*>data_of(which)
    d.dW, d.db, d.dX, d.which = <double*>data_of(dW), <double*>data_of(db), <double*>data_of(dX), <int*>data_of(which)
    f.M, f.nO, f.nP, f.nI = M, nO, nP, nI
    d.M, d.nO, d.nP, d.nI = M, nO, nP, nI
    cdef PyThreadState* state = release((M * nO * nI) >> 3)
    cdef bint done = linear32.backprop_maxout(f) if dtype == F32 else linear64.backprop_maxout(d)
    regain(state)
    if not done:
        raise MemoryError("backprop_maxout_affine: no memory for copies of X and W")
    return dX
