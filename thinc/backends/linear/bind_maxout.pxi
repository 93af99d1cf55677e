# The way back through maxout and its product, from the winning pieces alone.


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
