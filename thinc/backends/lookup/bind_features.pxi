# Hashed sparse features and codes of positions.


cdef bint are_features(object keys, object values, object lengths):
    """uint64 keys, as many float32 values, and lengths that fit."""
    if not keys64(keys) or floats(values) != F32 or ndim_of(values) != 1 or lengths is None:
        return False
    cdef long long total = total_of(lengths, 0)
    return 0 <= total <= shape_of(keys)[0] and total <= shape_of(values)[0]


cdef inline bint fits_weights(object W, cnp.npy_intp nO, long long length):
    return (
        floats(W) == F32 and ndim_of(W) == 1 and 0 < length < 2 ** 31 and shape_of(W)[0] == nO * length
    )


def sparse_affine(W, b, keys, values, lengths, long long length, bint shared):
    keys, values, lengths = compact(keys), compact(values), as_lengths(lengths)
    if not are_features(keys, values, lengths) or floats(b) != F32 or ndim_of(b) != 1:
        return NotImplemented
    cdef cnp.npy_intp[2] shape = [shape_of(lengths)[0], shape_of(b)[0]]
    if not fits_weights(W, shape[1], length):
        return NotImplemented
    cdef cnp.ndarray Y = new_array(2, shape, F32, False)
    cdef void* w = data_of(W)
    cdef void* bias = data_of(b)
    cdef void* k = data_of(keys)
    cdef void* v = data_of(values)
    cdef int* n = <int*>data_of(lengths)
    cdef float* y = <float*>data_of(Y)
    cdef PyThreadState* state = release(size_of(keys) * 10)
    hashes.sparse_affine(
        <const float*>w, <const float*>bias, <cnp.uint64_t*>k, <const float*>v, n, y, shape[0], shape[1], length, shared
    )
    regain(state)
    return Y


def backprop_sparse_affine(dY, keys, values, lengths, long long length, bint shared, dW):
    dY, keys, values, lengths = compact(dY), compact(keys), compact(values), as_lengths(lengths)
    if not are_features(keys, values, lengths) or floats(dY) != F32 or ndim_of(dY) != 2:
        return NotImplemented
    cdef size_t nB = shape_of(dY)[0], nO = shape_of(dY)[1]
    if shape_of(lengths)[0] != nB or not fits_weights(dW, nO, length) or not is_writeable(dW):
        return NotImplemented
    cdef void* dy = data_of(dY)
    cdef void* k = data_of(keys)
    cdef void* v = data_of(values)
    cdef int* n = <int*>data_of(lengths)
    cdef float* dw = <float*>data_of(dW)
    cdef PyThreadState* state = release(size_of(keys) * 10)
    hashes.backprop_sparse_affine(<const float*>dy, <cnp.uint64_t*>k, <const float*>v, n, dw, nB, nO, length, shared)
    regain(state)
    return None


def position_encode(size_t N, size_t D, frequencies, phases):
    # Both float64 (D,), from `CpuLookup`.
    cdef cnp.npy_intp[2] shape = [N, D]
    cdef cnp.ndarray Y = new_array(2, shape, F32, False)
    cdef double* f = <double*>data_of(frequencies)
    cdef double* p = <double*>data_of(phases)
    cdef float* y = <float*>data_of(Y)
    cdef PyThreadState* state = release(N * D)
    hashes.waves(f, p, y, N, D)
    regain(state)
    return Y
