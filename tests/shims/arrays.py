"""Small arrays in every layout that a border must take, for the tests of single frameworks."""

import numpy

LAYOUTS = ["C", "Fortran", "strided", "reversed", "broadcast", "read-only", "0-d", "empty"]


def zeros_and_ones(dtype, layout):
    """An array of 0 and 1 in one of LAYOUTS; tests/interop/layouts.py has the whole matrix."""
    array = (numpy.arange(12) % 2).reshape(3, 4).astype(dtype)
    array = {
        "Fortran": numpy.asfortranarray(array),
        "strided": array[:, ::2],
        "reversed": array[::-1],
        "broadcast": numpy.broadcast_to(array[:1], (3, 4)),
        "0-d": numpy.array(array[0, 1]),
        "empty": array[:0],
    }.get(layout, array)
    array.setflags(write=layout not in ("read-only", "broadcast"))
    return array
