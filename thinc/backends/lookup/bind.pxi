# Hashes and tables: one call allocates, computes and returns.

cdef extern from "_cpu_dispatch.hh" namespace "thinc" nogil:
    cdef cppclass LookupTable[T]:
        void (*gather_add)(
            const T* table, const int* indices, T* Y, size_t n, size_t K, size_t w, size_t ldy
        ) noexcept
        void (*scatter_add)(
            T* table, const int* indices, const T* values, size_t n, size_t K, size_t w, size_t rows
        ) noexcept
    cdef cppclass HashTable:
        void (*hash)(const cnp.uint64_t* ids, cnp.uint32_t* hashes, size_t n, unsigned int seed) noexcept
        void (*hash_rows)(
            const char* ids, ptrdiff_t stride, int* rows, size_t n, unsigned int seed, unsigned int nV
        ) noexcept
        void (*ngrams)(const cnp.uint64_t* keys, cnp.uint64_t* Y, size_t count, size_t n) noexcept
        void (*sparse_affine)(
            const float* W, const float* b, const cnp.uint64_t* keys, const float* values, const int* lengths,
            float* Y, size_t nB, size_t nO, unsigned int length, bint shared
        ) noexcept
        void (*backprop_sparse_affine)(
            const float* dY, const cnp.uint64_t* keys, const float* values, const int* lengths,
            float* dW, size_t nB, size_t nO, unsigned int length, bint shared
        ) noexcept
        void (*range)(const int* indices, size_t n, int* low, int* high) noexcept
        void (*waves)(const double* frequencies, const double* phases, float* Y, size_t N, size_t D) noexcept
    LookupTable[float] lookup32 "thinc::table.f32.lookup"
    LookupTable[double] lookup64 "thinc::table.f64.lookup"
    HashTable hashes "thinc::table.hashes"


cdef bint all_within(const int* indices, size_t n, long long low, long long high) noexcept:
    """Are all in [low, high)?"""
    cdef int least, most
    if n == 0:
        return True
    hashes.range(indices, n, &least, &most)
    return least >= low and most < high


def hash(ids, seed):
    ids = compact(ids)
    if not keys64(ids):
        return NotImplemented
    cdef unsigned int start = int(seed) & 0xffffffff
    cdef cnp.npy_intp[2] shape = [shape_of(ids)[0], 4]
    cdef cnp.ndarray Y = new_array(2, shape, cnp.NPY_UINT32, False)
    cdef void* x = data_of(ids)
    cdef void* y = data_of(Y)
    cdef PyThreadState* state = release(shape[0] * 3)
    hashes.hash(<cnp.uint64_t*>x, <cnp.uint32_t*>y, shape[0], start)
    regain(state)
    return Y


def ngrams(Py_ssize_t n, keys):
    keys = compact(keys)
    if not keys64(keys) or n < 1 or shape_of(keys)[0] < n:
        return NotImplemented
    cdef cnp.npy_intp count = shape_of(keys)[0] - n + 1
    cdef cnp.ndarray Y = new_array(1, &count, cnp.NPY_UINT64, False)
    cdef void* x = data_of(keys)
    cdef void* y = data_of(Y)
    cdef PyThreadState* state = release(count * n * 2)
    hashes.ngrams(<cnp.uint64_t*>x, <cnp.uint64_t*>y, count, n)
    regain(state)
    return Y


cdef cnp.ndarray add_rows(cnp.ndarray table, cnp.ndarray indices):
    """Y[i] = Σ_k table[indices[i, k]], for indices that were checked."""
    cdef cnp.npy_intp[2] shape = [shape_of(indices)[0], shape_of(table)[1]]
    cdef cnp.ndarray Y = new_array(2, shape, type_of(table), False)
    add_rows_to(Y, 0, table, indices)
    return Y


cdef void add_rows_to(cnp.ndarray Y, size_t column, cnp.ndarray table, cnp.ndarray indices):
    """Y[i, column:column + w] = Σ_k table[indices[i, k]]."""
    cdef size_t n = shape_of(indices)[0], K = shape_of(indices)[1], w = shape_of(table)[1], ldy = shape_of(Y)[1]
    cdef void* t = data_of(table)
    cdef int* rows = <int*>data_of(indices)
    cdef void* y = data_of(Y)
    cdef PyThreadState* state = release(n * w * K // 4)
    if type_of(table) == F32:
        lookup32.gather_add(<const float*>t, rows, <float*>y + column, n, K, w, ldy)
    else:
        lookup64.gather_add(<const double*>t, rows, <double*>y + column, n, K, w, ldy)
    regain(state)


cdef void add_to_rows(cnp.ndarray table, cnp.ndarray indices, cnp.ndarray values, size_t K):
    """table[indices[i, k]] += values[i], for indices that were checked."""
    cdef size_t n = size_of(indices) // K
    cdef size_t rows = shape_of(table)[0]
    cdef size_t w = size_of(table) // rows if rows else 0
    cdef void* t = data_of(table)
    cdef int* index = <int*>data_of(indices)
    cdef void* x = data_of(values)
    cdef PyThreadState* state = release(size_of(values) * K // 2)
    if type_of(table) == F32:
        lookup32.scatter_add(<float*>t, index, <const float*>x, n, K, w, rows)
    else:
        lookup64.scatter_add(<double*>t, index, <const double*>x, n, K, w, rows)
    regain(state)


def gather_add(table, indices):
    table, indices = compact(table), compact(indices)
    if floats(table) == OTHER or ndim_of(table) != 2 or not ints(indices) or ndim_of(indices) != 2:
        return NotImplemented
    if not all_within(<int*>data_of(indices), size_of(indices), 0, shape_of(table)[0]):
        return NotImplemented
    return add_rows(table, indices)


def scatter_add(table, indices, values):
    indices, values = compact(indices), compact(values)
    cdef int i
    if floats(table) == OTHER or not is_writeable(table) or not ints(indices) or ndim_of(indices) != 1:
        return NotImplemented
    if floats(values) != type_of(table) or ndim_of(values) != ndim_of(table) or ndim_of(table) == 0:
        return NotImplemented
    if shape_of(values)[0] != shape_of(indices)[0] or share_memory(table, values):
        return NotImplemented
    for i in range(1, ndim_of(table)):
        if shape_of(values)[i] != shape_of(table)[i]:
            return NotImplemented
    cdef long long rows = shape_of(table)[0]
    if not all_within(<int*>data_of(indices), size_of(indices), -rows, rows):
        return NotImplemented
    add_to_rows(table, indices, values, 1)
    return None


cdef bint is_embedding(object table, object ids):
    """Is this a table with rows, and are these keys?  They may be a column of a matrix."""
    if floats(table) == OTHER or ndim_of(<cnp.ndarray>table) != 2 or not 0 < shape_of(<cnp.ndarray>table)[0] < 2 ** 31:
        return False
    return is_array(ids) and ndim_of(<cnp.ndarray>ids) == 1 and is_native(<cnp.ndarray>ids) and is_word(type_of(<cnp.ndarray>ids))


cdef cnp.ndarray rows_of(cnp.ndarray table, cnp.ndarray ids, seed):
    """(n, 4): the hashes of each id modulo the number of rows."""
    cdef unsigned int start = int(seed) & 0xffffffff
    cdef cnp.npy_intp[2] shape = [shape_of(ids)[0], 4]
    cdef cnp.ndarray rows = new_array(2, shape, cnp.NPY_INT32, False)
    cdef char* x = <char*>data_of(ids)
    cdef cnp.npy_intp stride = strides_of(ids)[0]
    cdef int* r = <int*>data_of(rows)
    cdef unsigned int nV = shape_of(table)[0]
    cdef PyThreadState* state = release(shape[0] * 5)
    hashes.hash_rows(x, stride, r, shape[0], start, nV)
    regain(state)
    return rows


def hash_embed(table, ids, seed):
    if not is_embedding(table, ids):
        return NotImplemented
    rows = rows_of(table, ids, seed)
    return add_rows(table, rows), rows


def hash_embeds(tables, ids, seeds):
    """The rows of several tables side by side."""
    if type(tables) is not list or type(ids) is not list or not 0 < len(tables) == len(ids) == len(seeds):
        return NotImplemented
    cdef cnp.npy_intp[2] shape = [0, 0]
    for table, keys in zip(tables, ids):
        if not is_embedding(table, keys) or type_of(table) != type_of(tables[0]) or len(keys) != len(ids[0]):
            return NotImplemented
        shape[1] += shape_of(table)[1]
    shape[0] = len(ids[0])
    cdef cnp.ndarray Y = new_array(2, shape, type_of(tables[0]), False)
    cdef size_t column = 0
    for table, keys, seed in zip(tables, ids, seeds):
        add_rows_to(Y, column, table, rows_of(table, keys, seed))
        column += shape_of(table)[1]
    return Y


def backprop_hash_embed(dY, rows, d_table):
    dY, rows = compact(dY), compact(rows)
    cdef int dtype = floats(d_table)
    if dtype == OTHER or not is_writeable(d_table) or ndim_of(d_table) != 2 or floats(dY) != dtype or ndim_of(dY) != 2:
        return NotImplemented
    if not ints(rows) or ndim_of(rows) != 2 or shape_of(rows)[0] != shape_of(dY)[0] or shape_of(rows)[1] == 0:
        return NotImplemented
    if shape_of(dY)[1] != shape_of(d_table)[1] or share_memory(d_table, dY):
        return NotImplemented
    if not all_within(<int*>data_of(rows), size_of(rows), 0, shape_of(d_table)[0]):
        return NotImplemented
    add_to_rows(d_table, rows, dY, shape_of(rows)[1])
    return None
