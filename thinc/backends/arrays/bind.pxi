# New arrays, in the memory that all kernels take theirs from.


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
