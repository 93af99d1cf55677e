# Operations that only move rows: windows, first and last rows, lists to padded arrays.
from libc.string cimport memcpy, memset


cdef bint read_spans(object lengths, cnp.npy_intp rows, cnp.npy_intp* one, const int** spans, int* whole):
    """The lengths of the sequences in an array of so many rows; all rows are one if None."""
    if lengths is None:
        whole[0] = <int>rows
        spans[0] = whole
        one[0] = 1
        return rows < 2 ** 31
    if total_of(lengths, 0) != rows:
        return False
    spans[0] = <const int*>data_of(lengths)
    one[0] = shape_of(lengths)[0]
    return True


cdef void window_rows(
    const char* x, char* y, const int* lengths, size_t nB, Py_ssize_t size, Py_ssize_t nW
) noexcept nogil:
    """Each row of y: the rows i - nW ... i + nW of its sequence, which stand together in x."""
    cdef size_t b
    cdef Py_ssize_t i, n, missing_before, missing_after
    for b in range(nB):
        n = lengths[b]
        for i in range(n):
            missing_before = min(max(nW - i, 0), 2 * nW + 1)
            missing_after = min(max(i + nW + 1 - n, 0), 2 * nW + 1 - missing_before)
            memset(y, 0, missing_before * size)
            y += missing_before * size
            memcpy(
                y, x + (i - nW + missing_before) * size, (2 * nW + 1 - missing_before - missing_after) * size
            )
            y += (2 * nW + 1 - missing_before - missing_after) * size
            memset(y, 0, missing_after * size)
            y += missing_after * size
        x += n * size


def seq2col(X, Py_ssize_t nW, lengths):
    X = compact(X)
    if lengths is not None:
        lengths = as_lengths(lengths)
        if lengths is None:
            return NotImplemented
    if floats(X) == OTHER or ndim_of(X) != 2 or not 0 <= nW < 2 ** 16:
        return NotImplemented
    cdef cnp.npy_intp nB
    cdef const int* spans
    cdef int whole
    if not read_spans(lengths, shape_of(X)[0], &nB, &spans, &whole):
        return NotImplemented
    cdef cnp.npy_intp[2] shape = [shape_of(X)[0], shape_of(X)[1] * (2 * nW + 1)]
    cdef cnp.ndarray Y = new_array(2, shape, type_of(X), False)
    cdef char* x = <char*>data_of(X)
    cdef char* y = <char*>data_of(Y)
    cdef size_t size = shape_of(X)[1] * item_size(X)
    cdef PyThreadState* state = release(size_of(Y) // 8)
    window_rows(x, y, spans, nB, size, nW)
    regain(state)
    return Y


def backprop_seq2col(dY, Py_ssize_t nW, lengths):
    dY = compact(dY)
    if lengths is not None:
        lengths = as_lengths(lengths)
        if lengths is None:
            return NotImplemented
    if floats(dY) == OTHER or ndim_of(dY) != 2 or not 0 <= nW < 2 ** 16 or shape_of(dY)[1] % (2 * nW + 1):
        return NotImplemented
    cdef cnp.npy_intp nB
    cdef const int* spans
    cdef int whole
    if not read_spans(lengths, shape_of(dY)[0], &nB, &spans, &whole):
        return NotImplemented
    cdef cnp.npy_intp[2] shape = [shape_of(dY)[0], shape_of(dY)[1] // (2 * nW + 1)]
    cdef cnp.ndarray dX = new_array(2, shape, type_of(dY), False)
    cdef void* dy = data_of(dY)
    cdef void* dx = data_of(dX)
    cdef PyThreadState* state = release(size_of(dY) // 4)
    if type_of(dY) == F32:
        sequence32.backprop_seq2col(<const float*>dy, <float*>dx, spans, nB, shape[1], nW)
    else:
        sequence64.backprop_seq2col(<const double*>dy, <double*>dx, spans, nB, shape[1], nW)
    regain(state)
    return dX


cdef object end_rows(object X, object lengths, bint last):
    """Y[b] = first or last row of sequence b, or None."""
    cdef Py_ssize_t b, row = 0
    X, lengths = compact(X), as_lengths(lengths)
    if not has_rows(X) or lengths is None or shape_of(lengths)[0] == 0 or total_of(lengths, 1) != shape_of(X)[0]:
        return None
    cdef cnp.ndarray Y = like_rows(X, shape_of(lengths)[0], type_of(X))
    cdef size_t size = width_of(X) * item_size(X)
    cdef const char* x = <const char*>data_of(X)
    cdef char* y = <char*>data_of(Y)
    cdef const int* n = <const int*>data_of(lengths)
    for b in range(shape_of(lengths)[0]):
        memcpy(y + b * size, x + (row + (n[b] - 1 if last else 0)) * size, size)
        row += n[b]
    return Y, lengths


def reduce_first(X, lengths):
    cdef Py_ssize_t b
    found = end_rows(X, lengths, False)
    if found is None:
        return NotImplemented
    Y, lengths = found
    cdef const int* n = <const int*>data_of(lengths)
    cdef cnp.npy_intp count = shape_of(lengths)[0] + 1
    cdef cnp.ndarray starts_ends = new_array(1, &count, cnp.NPY_INT32, False)
    cdef int* start = <int*>data_of(starts_ends)
    start[0] = 0
    for b in range(count - 1):
        start[b + 1] = start[b] + n[b]
    return Y, starts_ends


def reduce_last(X, lengths):
    cdef Py_ssize_t b
    cdef cnp.int64_t row = -1
    found = end_rows(X, lengths, True)
    if found is None:
        return NotImplemented
    Y, lengths = found
    cdef const int* n = <const int*>data_of(lengths)
    cdef cnp.npy_intp count = shape_of(lengths)[0]
    cdef cnp.ndarray lasts = new_array(1, &count, cnp.NPY_INT64, False)
    cdef cnp.int64_t* last = <cnp.int64_t*>data_of(lasts)
    for b in range(count):
        row += n[b]
        last[b] = row
    return Y, lasts


cdef object put_rows(cnp.ndarray dY, const cnp.int64_t* rows, cnp.npy_intp count, cnp.int64_t total):
    """Zeros but for dX[rows[b]] = dY[b]; None where a row is outside."""
    cdef cnp.npy_intp b
    for b in range(count):
        if not 0 <= rows[b] < total:
            return None
    cdef cnp.ndarray dX = like_rows(dY, total, type_of(dY))
    cdef size_t size = width_of(dY) * item_size(dY)
    cdef const char* dy = <const char*>data_of(dY)
    cdef char* dx = <char*>data_of(dX)
    memset(dx, 0, bytes_of(dX))
    for b in range(count):
        memcpy(dx + rows[b] * size, dy + b * size, size)
    return dX


def backprop_reduce_ends(dY, rows, bint first):
    # rows: with `first` the starts and one end, else the last row of each sequence.
    dY = compact(dY)
    if not has_rows(dY) or not is_array(rows) or ndim_of(rows) != 1 or not is_native(rows):
        return NotImplemented
    if type_of(rows) == cnp.NPY_INT32:
        rows = cast_to(rows, cnp.NPY_INT64)
    rows = compact(rows)
    if type_of(rows) != cnp.NPY_INT64 or not is_behaved(rows):
        return NotImplemented
    cdef cnp.npy_intp count = shape_of(rows)[0] - (1 if first else 0)
    if count < 1 or shape_of(dY)[0] != count:
        return NotImplemented
    cdef const cnp.int64_t* r = <const cnp.int64_t*>data_of(rows)
    dX = put_rows(dY, r, count, r[shape_of(rows)[0] - 1] + (0 if first else 1))
    return NotImplemented if dX is None else dX
