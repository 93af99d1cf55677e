# Softmax and maxout: one call allocates, computes and returns.


cdef bint over_last_axis(cnp.ndarray X, int axis):
    return ndim_of(X) > 0 and (axis == -1 or axis == ndim_of(X) - 1)


def softmax(X, bint inplace, int axis, double temperature):
    if not inplace:
        X = compact(X)
    cdef int dtype = floats(X)
    if dtype == OTHER or not over_last_axis(X, axis) or size_of(X) == 0 or (inplace and not is_writeable(X)):
        return NotImplemented
    cdef cnp.ndarray Y = X if inplace else empty_like(X)
    cdef size_t n = size_of(Y)
    cdef size_t width = shape_of(Y)[ndim_of(Y) - 1]
    cdef void* x = data_of(X)
    cdef void* y = data_of(Y)
    cdef PyThreadState* state = release(n * 2)
    if dtype == F32:
        activation32.softmax(<const float*>x, <float*>y, n // width, width, <float>temperature)
    else:
        activation64.softmax(<const double*>x, <double*>y, n // width, width, temperature)
    regain(state)
    return Y


def backprop_softmax(Y, dY, int axis, double temperature):
    Y, dY = compact(Y), compact(dY)
    cdef int dtype = floats(Y)
    if dtype == OTHER or not alike(Y, dY) or not over_last_axis(Y, axis) or size_of(Y) == 0:
        return NotImplemented
    cdef cnp.ndarray dX = empty_like(Y)
    cdef size_t n = size_of(dX)
    cdef size_t width = shape_of(dX)[ndim_of(dX) - 1]
    cdef void* y = data_of(Y)
    cdef void* dy = data_of(dY)
    cdef void* dx = data_of(dX)
    cdef PyThreadState* state = release(n)
    if dtype == F32:
        activation32.backprop_softmax(<const float*>y, <const float*>dy, <float*>dx, n // width, width, temperature)
    else:
        activation64.backprop_softmax(<const double*>y, <const double*>dy, <double*>dx, n // width, width, temperature)
    regain(state)
    return dX


def maxout(X):
    X = compact(X)
    cdef int dtype = floats(X)
    if dtype == OTHER or ndim_of(X) != 3 or not 0 < shape_of(X)[2] < 2 ** 31:
        return NotImplemented
    cdef int P = shape_of(X)[2]
    cdef cnp.ndarray best = new_array(2, shape_of(X), dtype, False)
    cdef cnp.ndarray which = new_array(2, shape_of(X), cnp.NPY_INT32, False)
    cdef size_t n = size_of(best)
    cdef void* x = data_of(X)
    cdef void* b = data_of(best)
    cdef int* w = <int*>data_of(which)
    cdef PyThreadState* state = release(n)
    if dtype == F32:
        activation32.maxout(<const float*>x, <float*>b, w, n, P)
    else:
        activation64.maxout(<const double*>x, <double*>b, w, n, P)
    regain(state)
    return best, which


def backprop_maxout(dY, which, P):
    dY, which = compact(dY), compact(which)
    cdef int dtype = floats(dY)
    if dtype == OTHER or ndim_of(dY) != 2 or not ints(which) or not same_shape(which, dY) or not 0 < P < 2 ** 31:
        return NotImplemented
    cdef int pieces = P
    cdef int* w = <int*>data_of(which)
    cdef size_t n = size_of(dY)
    cdef cnp.npy_intp[3] shape = [shape_of(dY)[0], shape_of(dY)[1], pieces]
    cdef cnp.ndarray dX = new_array(3, shape, dtype, False)
    cdef void* dy = data_of(dY)
    cdef void* dx = data_of(dX)
    cdef bint inside
    cdef PyThreadState* state = release(n * 2)
    if dtype == F32:
        inside = activation32.backprop_maxout(<const float*>dy, w, <float*>dx, n, pieces)
    else:
        inside = activation64.backprop_maxout(<const double*>dy, w, <double*>dx, n, pieces)
    regain(state)
    return dX if inside else NotImplemented
