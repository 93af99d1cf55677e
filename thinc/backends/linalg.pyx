# cython: language_level=3
"""Make linalg.pxd, where all the code is, a module that can be imported."""


cdef class Matrix:
    """A matrix of floats as a compiled client lays it out; nothing here fills it."""


cdef class Vec:
    """Routines on one vector."""


cdef class VecVec:
    """Routines on two vectors."""


cdef class Mat:
    """Routines on the rows of one matrix."""
