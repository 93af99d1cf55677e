# cython: language_level=3
"""A memory handler for NumPy whose blocks all start at multiples of 64 bytes.

Each block lies inside a larger one from the C library, behind at least one byte that says how
far.  So zeros stay pages that nobody has touched yet, and growing a block stays the C library's
work, on every system.
"""

from cpython.pycapsule cimport PyCapsule_New
from cpython.ref cimport PyObject
from libc.stdint cimport uintptr_t
from libc.stdlib cimport calloc, free, malloc, realloc
from libc.string cimport memmove, strcpy

cdef extern from "numpy/arrayobject.h":
    ctypedef struct PyDataMemAllocator:
        void* ctx
        void* (*malloc)(void* ctx, size_t size)
        void* (*calloc)(void* ctx, size_t count, size_t size)
        void* (*realloc)(void* ctx, void* pointer, size_t size)
        void (*free)(void* ctx, void* pointer, size_t size)
    ctypedef struct PyDataMem_Handler:
        char name[127]
        unsigned char version
        PyDataMemAllocator allocator
    object PyDataMem_SetHandler(PyObject* handler)
    int _import_array() except -1

cdef enum:
    ALIGNMENT = 64


cdef inline char* _place(char* block) noexcept nogil:
    """The place in the block, 1 to 64 bytes behind its start; the byte before it says how many."""
    cdef char* place = block + ALIGNMENT - (<uintptr_t>block & (ALIGNMENT - 1))
    (<unsigned char*>place)[-1] = <unsigned char>(place - block)
    return place


cdef inline char* _block(void* place) noexcept nogil:
    return <char*>place - (<unsigned char*>place)[-1]


cdef void* _malloc(void* ctx, size_t size) noexcept nogil:
    cdef char* block = NULL
    if size <= <size_t>-1 - ALIGNMENT:
        block = <char*>malloc(size + ALIGNMENT)
    return NULL if block == NULL else _place(block)


cdef void* _calloc(void* ctx, size_t count, size_t size) noexcept nogil:
    cdef char* block = NULL
    if size == 0 or count <= (<size_t>-1 - ALIGNMENT) // size:
        block = <char*>calloc(count * size + ALIGNMENT, 1)
    return NULL if block == NULL else _place(block)


cdef void* _realloc(void* ctx, void* place, size_t size) noexcept nogil:
    cdef char* block
    cdef char* moved
    cdef size_t before, after
    if place == NULL:
        return _malloc(ctx, size)
    if size > <size_t>-1 - ALIGNMENT:
        return NULL
    block = _block(place)
    before = <char*>place - block
    block = <char*>realloc(block, size + ALIGNMENT)
    if block == NULL:
        return NULL
    after = ALIGNMENT - (<uintptr_t>block & (ALIGNMENT - 1))
    if after != before:
        memmove(block + after, block + before, size)
    return _place(block)


cdef void _free(void* ctx, void* place, size_t size) noexcept nogil:
    if place != NULL:
        free(_block(place))


cdef PyDataMem_Handler handler
strcpy(handler.name, b"thinc_aligned_64")
handler.version = 1
handler.allocator.ctx = NULL
handler.allocator.malloc = _malloc
handler.allocator.calloc = _calloc
handler.allocator.realloc = _realloc
handler.allocator.free = _free
_import_array()

aligned = PyCapsule_New(&handler, b"mem_handler", NULL)


def set_handler(capsule):
    """Let NumPy's new arrays be allocated by this handler; return the one before.

    capsule: `aligned`, what this function returned, or None for NumPy's own.
    """
    if capsule is None:
        return PyDataMem_SetHandler(NULL)
    return PyDataMem_SetHandler(<PyObject*>capsule)
