# Hashes of strings.

cdef extern from "Python.h":
    const char* PyUnicode_AsUTF8AndSize(object text, Py_ssize_t* size) except NULL


cdef inline cnp.uint32_t turned_left(cnp.uint32_t x, int bits) noexcept nogil:
    return (x << bits) | (x >> (32 - bits))


cdef cnp.uint32_t murmur3_32(const char* data, size_t size) noexcept nogil:
    """MurmurHash3_x86_32 with the seed 0; see `murmur.py`."""
    cdef cnp.uint32_t h = 0, k
    cdef size_t i, j
    for i in range(0, size + 1, 4):  # the last block has 0 to 3 bytes
        k = 0
        for j in range(min(4, size - i)):
            k |= <cnp.uint32_t><unsigned char>data[i + j] << (8 * j)
        h ^= turned_left(k * 0xCC9E2D51u, 15) * 0x1B873593u
        if size - i >= 4:
            h = turned_left(h, 13) * 5 + 0xE6546B64u
    h ^= <cnp.uint32_t>size
    h = (h ^ (h >> 16)) * 0x85EBCA6Bu
    h = (h ^ (h >> 13)) * 0xC2B2AE35u
    return h ^ (h >> 16)


def hash_strings(strings):
    """(n, 1) uint64: the hash of each string's UTF-8 bytes, as a signed number."""
    if type(strings) is not list:
        return NotImplemented
    cdef Py_ssize_t size, i, n = len(strings)
    cdef const char* data
    for text in strings:
        if type(text) is not str:
            return NotImplemented
    cdef cnp.ndarray Y = new_matrix(n, 1, cnp.NPY_UINT64)
    cdef cnp.int64_t* y = <cnp.int64_t*>data_of(Y)
    for i in range(n):
        data = PyUnicode_AsUTF8AndSize(strings[i], &size)
        y[i] = <cnp.int32_t>murmur3_32(data, size)
    return Y
