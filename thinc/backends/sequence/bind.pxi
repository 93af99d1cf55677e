# Reductions and windows of ragged batches: one call allocates, computes and returns.

cdef extern from "_cpu_dispatch.hh" namespace "thinc" nogil:
    cdef cppclass SequenceTable[T]:
        void (*backprop_seq2col)(const T* dY, T* dX, const int* lengths, size_t nB, size_t w, size_t nW) noexcept
        void (*reduce_sum)(const T* X, T* Y, const int* lengths, size_t nB, size_t w, bint mean) noexcept
        void (*backprop_reduce_sum)(const T* dY, T* dX, const int* lengths, size_t nB, size_t w, bint mean) noexcept
        void (*reduce_max)(const T* X, T* Y, int* which, const int* lengths, size_t nB, size_t w) noexcept
        bint (*backprop_reduce_max)(
            const T* dY, const int* which, T* dX, const int* lengths, size_t nB, size_t w
        ) noexcept
        void (*softmax)(const T* X, T* Y, const int* lengths, size_t nB, size_t w) noexcept
        void (*backprop_softmax)(const T* dY, const T* Y, T* dX, const int* lengths, size_t nB, size_t w) noexcept
    SequenceTable[float] sequence32 "thinc::table.f32.sequence"
    SequenceTable[double] sequence64 "thinc::table.f64.sequence"


cdef object as_lengths(object lengths):
    """int32 lengths in C order; None if they are something else."""
    if not is_array(lengths) or ndim_of(lengths) != 1 or not is_native(lengths):
        return None
    if type_of(lengths) == cnp.NPY_INT64:
        lengths = cast_to(lengths, cnp.NPY_INT32)
    lengths = compact(lengths)
    return lengths if ints(lengths) else None


cdef long long total_of(cnp.ndarray lengths, int minimum) noexcept:
    """Their sum, or -1 if one is below the minimum."""
    cdef const int* n = <const int*>data_of(lengths)
    cdef Py_ssize_t i
    cdef long long total = 0
    for i in range(shape_of(lengths)[0]):
        if n[i] < minimum:
            return -1
        total += n[i]
    return total


cdef inline size_t width_of(cnp.ndarray X):
    """The numbers in one row."""
    cdef size_t w = 1
    cdef int i
    for i in range(1, ndim_of(X)):
        w *= shape_of(X)[i]
    return w


cdef inline cnp.ndarray like_rows(cnp.ndarray X, cnp.npy_intp rows, int dtype):
    """A new array with the shape of X but for the number of rows."""
    cdef cnp.npy_intp[32] shape
    cdef int i
    for i in range(1, ndim_of(X)):
        shape[i] = shape_of(X)[i]
    shape[0] = rows
    return new_array(ndim_of(X), shape, dtype, False)


cdef inline bint has_rows(object X):
    return floats(X) != OTHER and 0 < ndim_of(X) < 32


def reduce_sum(X, lengths, bint mean):
    X, lengths = compact(X), as_lengths(lengths)
    if not has_rows(X) or lengths is None:
        return NotImplemented
    cdef long long total = total_of(lengths, 0)
    if total < 0 or total > shape_of(X)[0]:
        return NotImplemented
    cdef int dtype = type_of(X)
    cdef size_t w = width_of(X), nB = shape_of(lengths)[0]
    cdef cnp.ndarray Y = like_rows(X, nB, dtype)
    cdef void* x = data_of(X)
    cdef void* y = data_of(Y)
    cdef int* n = <int*>data_of(lengths)
    cdef PyThreadState* state = release(total * w)
    if dtype == F32:
        sequence32.reduce_sum(<const float*>x, <float*>y, n, nB, w, mean)
    else:
        sequence64.reduce_sum(<const double*>x, <double*>y, n, nB, w, mean)
    regain(state)
    return Y


def backprop_reduce_sum(dY, lengths, bint mean):
    dY, lengths = compact(dY), as_lengths(lengths)
    if not has_rows(dY) or lengths is None or shape_of(dY)[0] != shape_of(lengths)[0]:
        return NotImplemented
    cdef long long total = total_of(lengths, 0)
    if total < 0:
        return NotImplemented
    cdef int dtype = type_of(dY)
    cdef size_t w = width_of(dY), nB = shape_of(lengths)[0]
    cdef cnp.ndarray dX = like_rows(dY, total, dtype)
    cdef void* dy = data_of(dY)
    cdef void* dx = data_of(dX)
    cdef int* n = <int*>data_of(lengths)
    cdef PyThreadState* state = release(total * w)
    if dtype == F32:
        sequence32.backprop_reduce_sum(<const float*>dy, <float*>dx, n, nB, w, mean)
    else:
        sequence64.backprop_reduce_sum(<const double*>dy, <double*>dx, n, nB, w, mean)
    regain(state)
    return dX


def reduce_max(X, lengths):
    X, lengths = compact(X), as_lengths(lengths)
    if not has_rows(X) or lengths is None:
        return NotImplemented
    cdef long long total = total_of(lengths, 1)
    if total < 0 or total > shape_of(X)[0]:
        return NotImplemented
    cdef int dtype = type_of(X)
    cdef size_t w = width_of(X), nB = shape_of(lengths)[0]
    cdef cnp.ndarray Y = like_rows(X, nB, dtype)
    cdef cnp.ndarray which = like_rows(X, nB, cnp.NPY_INT32)
    cdef void* x = data_of(X)
    cdef void* y = data_of(Y)
    cdef int* index = <int*>data_of(which)
    cdef int* n = <int*>data_of(lengths)
    cdef PyThreadState* state = release(total * w)
    if dtype == F32:
        sequence32.reduce_max(<const float*>x, <float*>y, index, n, nB, w)
    else:
        sequence64.reduce_max(<const double*>x, <double*>y, index, n, nB, w)
    regain(state)
    return Y, which


def backprop_reduce_max(dY, which, lengths):
    dY, which, lengths = compact(dY), compact(which), as_lengths(lengths)
    if not has_rows(dY) or not ints(which) or lengths is None or not same_shape(dY, which):
        return NotImplemented
    cdef long long total = total_of(lengths, 1)
    if total < 0 or shape_of(dY)[0] != shape_of(lengths)[0]:
        return NotImplemented
    cdef int dtype = type_of(dY)
    cdef size_t w = width_of(dY), nB = shape_of(lengths)[0]
    cdef cnp.ndarray dX = like_rows(dY, total, dtype)
    cdef void* dy = data_of(dY)
    cdef void* dx = data_of(dX)
    cdef int* index = <int*>data_of(which)
    cdef int* n = <int*>data_of(lengths)
    cdef bint done
    cdef PyThreadState* state = release(total * w)
    if dtype == F32:
        done = sequence32.backprop_reduce_max(<const float*>dy, index, <float*>dx, n, nB, w)
    else:
        done = sequence64.backprop_reduce_max(<const double*>dy, index, <double*>dx, n, nB, w)
    regain(state)
    return dX if done else NotImplemented


def softmax_sequences(X, lengths, bint inplace):
    lengths = as_lengths(lengths)
    if not inplace:
        X = compact(X)
    if not has_rows(X) or ndim_of(X) > 2 or lengths is None or (inplace and not is_writeable(X)):
        return NotImplemented
    if total_of(lengths, 0) != shape_of(X)[0]:
        return NotImplemented
    cdef cnp.ndarray Y = X if inplace else empty_like(X)
    cdef size_t w = width_of(X), nB = shape_of(lengths)[0]
    cdef void* x = data_of(X)
    cdef void* y = data_of(Y)
    cdef int* n = <int*>data_of(lengths)
    cdef PyThreadState* state = release(size_of(Y))
    if type_of(Y) == F32:
        sequence32.softmax(<const float*>x, <float*>y, n, nB, w)
    else:
        sequence64.softmax(<const double*>x, <double*>y, n, nB, w)
    regain(state)
    return Y


def backprop_softmax_sequences(dY, Y, lengths):
    dY, Y, lengths = compact(dY), compact(Y), as_lengths(lengths)
    if not has_rows(dY) or not alike(dY, Y) or lengths is None or total_of(lengths, 0) != shape_of(Y)[0]:
        return NotImplemented
    cdef cnp.ndarray dX = empty_like(dY)
    cdef size_t w = width_of(dY), nB = shape_of(lengths)[0]
    cdef void* dy = data_of(dY)
    cdef void* y = data_of(Y)
    cdef void* dx = data_of(dX)
    cdef int* n = <int*>data_of(lengths)
    cdef PyThreadState* state = release(size_of(dX))
    if type_of(dX) == F32:
        sequence32.backprop_softmax(<const float*>dy, <const float*>y, <float*>dx, n, nB, w)
    else:
        sequence64.backprop_softmax(<const double*>dy, <const double*>y, <double*>dx, n, nB, w)
    regain(state)
    return dX
