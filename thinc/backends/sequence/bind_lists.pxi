# Lists of sequences and padded arrays.


cdef bint alike_rows(list seqs):
    """Are all native arrays in C order, of one dtype without objects, alike but for their rows?"""
    cdef object x, first = seqs[0]
    cdef int i
    if not is_array(first) or type_of(first) == cnp.NPY_OBJECT or not 0 < ndim_of(first) < 31:
        return False
    for x in seqs:
        if not is_array(x) or not is_behaved(x) or type_of(x) != type_of(first) or ndim_of(x) != ndim_of(first):
            return False
        for i in range(1, ndim_of(first)):
            if shape_of(x)[i] != shape_of(first)[i]:
                return False
    return item_size(first) <= 16  # not strings of any width


def flatten(list seqs, Py_ssize_t pad):
    """The rows of all arrays that are not empty, with `pad` rows of zeros before each and at the end."""
    cdef list full = []
    cdef object item
    for item in seqs:
        if not is_array(item):
            return NotImplemented
        if size_of(<cnp.ndarray>item):
            full.append(item)
    if not full or not 0 <= pad < 2 ** 31 or not alike_rows(full):  # more rows than fit into memory could overflow
        return NotImplemented
    cdef cnp.ndarray x, first = full[0]
    cdef Py_ssize_t size = width_of(first) * item_size(first), rows = pad
    for x in full:
        rows += shape_of(x)[0] + pad
    cdef cnp.ndarray Y = like_rows(first, rows, type_of(first))
    cdef char* y = <char*>data_of(Y)
    for x in full:
        memset(y, 0, pad * size)
        y += pad * size
        memcpy(y, data_of(x), bytes_of(x))
        y += bytes_of(x)
    memset(y, 0, pad * size)
    return Y


def unflatten(X, lengths, Py_ssize_t pad):
    """Views of X, one for each length."""
    if not is_array(X) or ndim_of(X) == 0:
        return NotImplemented
    if type(lengths) is not list:
        lengths = as_lengths(lengths)
        if lengths is None:
            return NotImplemented
        lengths = lengths.tolist()
    cdef Py_ssize_t start = 0, length
    cdef list items = []
    pad = max(pad, 0)
    for length in lengths:
        if length > 0:
            start += pad
        else:
            length = 0
        items.append(X[start : start + length])
        start += length
    return items


def pad(seqs, Py_ssize_t longest, bint time_first):
    """(n, longest, ...), or (longest, n, ...) with `time_first`; zeros after each sequence."""
    if type(seqs) is not list or not seqs or not alike_rows(seqs):
        return NotImplemented
    cdef cnp.ndarray first = seqs[0]
    cdef Py_ssize_t n = len(seqs), b, t, rows, size = width_of(first) * item_size(first)
    cdef cnp.npy_intp[32] shape
    for b in range(1, ndim_of(first)):
        shape[b + 1] = shape_of(first)[b]
    shape[0], shape[1] = (longest, n) if time_first else (n, longest)
    cdef cnp.ndarray Y = new_array(ndim_of(first) + 1, shape, type_of(first), False)
    cdef char* y = <char*>data_of(Y)
    cdef const char* x
    cdef cnp.ndarray seq
    for b in range(n):
        seq = <cnp.ndarray>seqs[b]
        rows = shape_of(seq)[0]
        if rows > longest:
            return NotImplemented
        x = <const char*>data_of(seq)
        if time_first:
            for t in range(rows):
                memcpy(y + (t * n + b) * size, x + t * size, size)
            for t in range(rows, longest):
                memset(y + (t * n + b) * size, 0, size)
        else:
            memcpy(y + b * longest * size, x, rows * size)
            memset(y + (b * longest + rows) * size, 0, (longest - rows) * size)
    return Y


def unpad_time_first(data, lengths, places):
    """The sequences data[:lengths[i], i], each in C order, sorted by places[i]."""
    lengths, places = as_lengths(lengths), as_lengths(places)
    if lengths is None or places is None or not is_array(data) or not is_behaved(data):
        return NotImplemented
    if not 2 <= ndim_of(data) < 32 or shape_of(lengths)[0] != shape_of(places)[0] or item_size(data) > 16:
        return NotImplemented
    cdef Py_ssize_t n = shape_of(lengths)[0], i, t, columns = shape_of(data)[1]
    if n > columns or type_of(data) == cnp.NPY_OBJECT or total_of(lengths, 0) < 0:
        return NotImplemented
    cdef Py_ssize_t size = bytes_of(data) // (shape_of(data)[0] * columns) if bytes_of(data) else 0
    cdef const int* rows = <const int*>data_of(lengths)
    cdef const char* x = <const char*>data_of(data)
    cdef cnp.npy_intp[32] shape
    cdef cnp.ndarray seq
    cdef char* y
    for i in range(2, ndim_of(data)):
        shape[i - 1] = shape_of(data)[i]
    found = []
    for i in range(n):
        if rows[i] > shape_of(data)[0]:
            return NotImplemented
        shape[0] = rows[i]
        seq = new_array(ndim_of(data) - 1, shape, type_of(data), False)
        y = <char*>data_of(seq)
        for t in range(rows[i]):
            memcpy(y + t * size, x + (t * columns + i) * size, size)
        found.append(seq)
    order = places.argsort(kind="stable").tolist()
    return [found[i] for i in order]


def reverse_sequences(data, lengths):
    """(time, batch, ...): each sequence back to front, and what is beyond its length as it is."""
    data, lengths = compact(data), as_lengths(lengths)
    if lengths is None or not is_array(data) or not is_behaved(data) or not 2 <= ndim_of(data) < 32:
        return NotImplemented
    cdef Py_ssize_t n = shape_of(data)[1], longest = shape_of(data)[0], t, b, source
    if n != shape_of(lengths)[0] or item_size(data) > 16 or type_of(data) == cnp.NPY_OBJECT:
        return NotImplemented
    cdef const int* rows = <const int*>data_of(lengths)
    for b in range(n):
        if not 0 <= rows[b] <= longest:
            return NotImplemented
    cdef cnp.ndarray Y = empty_like(data)
    cdef Py_ssize_t size = bytes_of(data) // (n * longest) if bytes_of(data) else 0
    cdef char* y = <char*>data_of(Y)
    cdef const char* x = <const char*>data_of(data)
    cdef PyThreadState* state = release(bytes_of(data) // 8)
    for t in range(longest):
        for b in range(n):
            source = rows[b] - 1 - t if t < rows[b] else t
            memcpy(y, x + (source * n + b) * size, size)
            y += size
    regain(state)
    return Y


cdef cnp.ndarray steps_of(const int* rows, Py_ssize_t n, cnp.npy_intp longest):
    """How many sequences, sorted by decreasing length, reach each step: (longest,) int32."""
    cdef cnp.ndarray Y = new_array(1, &longest, cnp.NPY_INT32, False)
    cdef int* y = <int*>data_of(Y)
    cdef Py_ssize_t t
    for t in range(longest):
        while n > 0 and rows[n - 1] <= t:
            n -= 1
        y[t] = n
    return Y


def list2padded(list seqs):
    """(data, size_at_t, lengths, indices): longest first, and the later of equals first."""
    if not seqs or not alike_rows(seqs):
        return NotImplemented
    cdef cnp.npy_intp n = len(seqs), i
    cdef cnp.ndarray order = new_array(1, &n, cnp.NPY_INT64, False)
    cdef cnp.ndarray lengths = new_array(1, &n, cnp.NPY_INT32, False)
    cdef cnp.ndarray indices = new_array(1, &n, cnp.NPY_INT32, False)
    cdef cnp.int64_t* keys = <cnp.int64_t*>data_of(order)
    cdef int* rows = <int*>data_of(lengths)
    cdef int* places = <int*>data_of(indices)
    for i in range(n):  # length and place in one number, so that one sort does both
        keys[i] = (<cnp.int64_t>shape_of(<cnp.ndarray>seqs[i])[0] << 32) + i
    cnp.PyArray_Sort(order, 0, cnp.NPY_QUICKSORT)
    for i in range(n):
        rows[i] = keys[n - 1 - i] >> 32
        places[i] = keys[n - 1 - i] & 0x7fffffff
    data = pad([seqs[places[i]] for i in range(n)], rows[0], True)
    return data, steps_of(rows, n, rows[0]), lengths, indices
