# New arrays, in the memory that all kernels take theirs from, and what many layers do with small ones.


def empty(shape, dtype):
    """An array whose numbers are not set."""
    if type(shape) is not tuple or not 0 < len(shape) <= 32:
        return NotImplemented
    cdef cnp.npy_intp[32] sizes
    cdef int i, number = number_of(dtype)
    if number < 0:
        return NotImplemented
    for i in range(len(shape)):
        sizes[i] = shape[i]
        if sizes[i] < 0:
            return NotImplemented
    return new_array(len(shape), sizes, number, False)


cdef int number_of(object dtype):
    """NumPy's number of a dtype of plain numbers, -1 of others."""
    cdef cnp.dtype found
    if dtype == "float32":
        return F32
    found = cnp.dtype(dtype)
    return found.num if found.num <= cnp.NPY_FLOAT64 and found.isnative else -1


def plus(A, B):
    """A + B of arrays so small that half of NumPy's time goes to finding its loop."""
    cdef int dtype = floats(A)
    cdef size_t i, n
    if dtype == OTHER or not alike(A, B) or ndim_of(A) == 0 or size_of(A) >= 4096:
        return NotImplemented
    cdef cnp.ndarray Y = empty_like(A)
    n = size_of(A)
    if dtype == F32:
        for i in range(n):
            (<float*>data_of(Y))[i] = (<float*>data_of(A))[i] + (<float*>data_of(B))[i]
    else:
        for i in range(n):
            (<double*>data_of(Y))[i] = (<double*>data_of(A))[i] + (<double*>data_of(B))[i]
    return Y


cdef bint is_table(object X, int dtype, cnp.npy_intp rows):
    """Is X a matrix of plain numbers of this dtype, in C order, with so many rows?"""
    return is_array(X) and is_behaved(X) and ndim_of(X) == 2 and type_of(X) == dtype and shape_of(X)[0] == rows


cdef void copy_rows(char* y, Py_ssize_t y_step, char* x, Py_ssize_t x_step, Py_ssize_t size, Py_ssize_t n):
    """Copy `size` bytes from each of n rows of x to those of y, which begin so many bytes apart."""
    cdef Py_ssize_t i
    cdef PyThreadState* state = release(n * size // 8)
    for i in range(n):
        memcpy(y + i * y_step, x + i * x_step, size)
    regain(state)


def join_columns(list Xs):
    """The matrices side by side."""
    if not Xs or not is_array(Xs[0]) or ndim_of(Xs[0]) != 2 or type_of(Xs[0]) > cnp.NPY_FLOAT64:
        return NotImplemented
    cdef cnp.ndarray X = Xs[0], Y
    cdef cnp.npy_intp[2] shape = [shape_of(X)[0], 0]
    for item in Xs:
        if not is_table(item, type_of(X), shape[0]):
            return NotImplemented
        shape[1] += shape_of(item)[1]
    Y = new_array(2, shape, type_of(X), False)
    cdef char* y = <char*>data_of(Y)
    cdef Py_ssize_t size, whole = shape[1] * item_size(X)
    for X in Xs:
        size = shape_of(X)[1] * item_size(X)
        copy_rows(y, whole, <char*>data_of(X), size, size, shape[0])
        y += size
    return Y


def split_columns(X, list widths):
    """Blocks of columns, each in C order."""
    if not is_array(X) or ndim_of(X) != 2 or type_of(X) > cnp.NPY_FLOAT64:
        return NotImplemented
    X = compact(X)
    cdef cnp.npy_intp[2] shape = [shape_of(X)[0], 0]
    if not is_table(X, type_of(X), shape[0]) or sum(widths) != shape_of(X)[1]:
        return NotImplemented
    cdef Py_ssize_t size, whole = shape_of(X)[1] * item_size(X)
    cdef char* x = <char*>data_of(X)
    cdef list parts = []
    cdef cnp.ndarray part
    for width in widths:
        shape[1] = width
        if width < 0:
            return NotImplemented
        part = new_array(2, shape, type_of(X), False)
        size = shape[1] * item_size(X)
        copy_rows(<char*>data_of(part), size, x, whole, size, shape[0])
        x += size
        parts.append(part)
    return parts
