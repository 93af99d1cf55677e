# Big arrays live in the pool: NumPy frees them through the handler that they were made with.

from libc.stdint cimport uint8_t
from libc.string cimport memcpy, memset

cdef extern from "_pool.hh" namespace "thinc" nogil:
    void* pool_take(size_t bytes)
    void pool_give(void* memory, size_t bytes)
    size_t pool_empty()
    size_t pool_limit(size_t bytes)
    size_t pool_kept()
    const size_t POOL_FROM

cdef extern from "numpy/arrayobject.h":
    ctypedef struct MemAllocator "PyDataMemAllocator":
        void* ctx
        void* (*malloc)(void* ctx, size_t size) noexcept
        void* (*calloc)(void* ctx, size_t n, size_t size) noexcept
        void* (*realloc)(void* ctx, void* memory, size_t size) noexcept
        void (*free)(void* ctx, void* memory, size_t size) noexcept
    ctypedef struct MemHandler "PyDataMem_Handler":
        char* name
        uint8_t version
        MemAllocator allocator
    object set_handler "PyDataMem_SetHandler"(object handler)
    cnp.ndarray _numpy_array "PyArray_EMPTY"(int ndim, cnp.npy_intp* shape, int dtype, bint fortran)

cdef extern from "Python.h":
    object PyCapsule_New(void* pointer, const char* name, void* destructor)

cdef enum:
    HEADER = 64  # bytes in front of each block for its size, which `realloc` isn't told


cdef void* block_malloc(void* ctx, size_t size) noexcept nogil:
    if size > <size_t>-1 - HEADER:
        return NULL
    cdef char* block = <char*>pool_take(size + HEADER)
    if block == NULL:
        return NULL
    (<size_t*>block)[0] = size
    return block + HEADER


cdef void* block_calloc(void* ctx, size_t n, size_t size) noexcept nogil:
    if size != 0 and n > <size_t>-1 // size:
        return NULL
    cdef void* memory = block_malloc(ctx, n * size)
    if memory != NULL:
        memset(memory, 0, n * size)
    return memory


cdef void block_free(void* ctx, void* memory, size_t size) noexcept nogil:
    cdef char* block
    if memory != NULL:
        block = <char*>memory - HEADER
        pool_give(block, (<size_t*>block)[0] + HEADER)


cdef void* block_realloc(void* ctx, void* memory, size_t size) noexcept nogil:
    cdef size_t before
    cdef void* moved = block_malloc(ctx, size)
    if moved != NULL and memory != NULL:
        before = (<size_t*>(<char*>memory - HEADER))[0]
        memcpy(moved, memory, before if before < size else size)
        block_free(ctx, memory, before)
    return moved


cdef MemHandler pool_handler
memcpy(pool_handler.name, b"thinc_pool", 11)
pool_handler.version = 1
pool_handler.allocator.ctx = NULL
pool_handler.allocator.malloc = block_malloc
pool_handler.allocator.calloc = block_calloc
pool_handler.allocator.realloc = block_realloc
pool_handler.allocator.free = block_free
cdef object pool_capsule = PyCapsule_New(&pool_handler, "mem_handler", NULL)


cdef cnp.ndarray new_array(int ndim, cnp.npy_intp* shape, int dtype, bint fortran):
    """A new array whose numbers are not set; a big one in memory from the pool."""
    cdef size_t bytes = 4  # the smallest element of an array that can be big
    cdef int i
    for i in range(ndim):
        bytes *= <size_t>shape[i]
    if bytes < POOL_FROM:
        return _numpy_array(ndim, shape, dtype, fortran)
    before = set_handler(pool_capsule)
    try:
        return _numpy_array(ndim, shape, dtype, fortran)
    finally:
        set_handler(before)


cdef extern from "_parallel.hh" namespace "thinc" nogil:
    int set_threads(int n)
    int get_threads()


def limit_threads(int n):
    """Use at most n threads; gives the number before."""
    return set_threads(n)


def thread_limit():
    return get_threads()


def empty_pool():
    """Free the memory that the pool keeps; gives the number of bytes."""
    return pool_empty()


def limit_pool(size_t bytes):
    """Keep at most so many unused bytes; gives the limit before."""
    return pool_limit(bytes)


def kept_by_pool():
    return pool_kept()
