"""Batches of every dtype and memory layout, and how near two results must be."""

from functools import partial

import numpy

from thinc.testing.batches import each_array

LAYOUTS = ("C", "Fortran", "strided", "reversed", "read-only")


def arrays_in(value):
    """All arrays of a batch, in a fixed order."""
    found = []
    each_array(lambda array: found.append(array) or array, value)
    return found


def floats_in(value):
    return [array for array in arrays_in(value) if array.dtype.kind == "f"]


def cast(value, dtype):
    """Floats in another dtype, copied; ints, ids and lengths stay as they are."""
    return each_array(lambda a: a.astype(dtype) if a.dtype.kind == "f" else a.copy(), value)


def on_device(value, ops):
    return each_array(ops.asarray, value)


def on_host(value):
    return each_array(lambda a: a.get() if hasattr(a, "get") else a, value)


def lay_out(value, layout):
    """The same numbers in another memory layout."""
    return each_array(partial(_laid_out, layout), value)


def _laid_out(layout, array):
    if layout == "Fortran":
        return numpy.asfortranarray(array) if isinstance(array, numpy.ndarray) else array.copy(order="F")
    if layout in ("strided", "reversed") and array.ndim:
        wide = array.repeat(2, axis=-1) if layout == "strided" else array[::-1].copy()
        return wide[..., ::2] if layout == "strided" else wide[::-1]
    laid_out = array.copy()
    if layout == "read-only" and hasattr(laid_out.flags, "writeable"):
        laid_out.flags.writeable = False
    return laid_out


def assert_same(found, expected):
    """Equal structure, dtypes and values, bit for bit."""
    for one, two in zip(arrays_in(on_host(found)), arrays_in(on_host(expected)), strict=True):
        assert one.dtype == two.dtype
        numpy.testing.assert_array_equal(one, two)


def assert_close(found, expected, dtype="float64", factor=1.0, error=0.0):
    """Within `factor` roundings of `dtype` at the size of the largest number, plus `error`.

    Both sides have the same structure. Ints and booleans must be equal.
    """
    ours, theirs = arrays_in(on_host(found)), arrays_in(on_host(expected))
    assert len(ours) == len(theirs), f"{len(ours)} arrays came, {len(theirs)} were expected"
    for one, two in zip(ours, theirs):
        assert one.shape == two.shape, f"the shape is {one.shape}, expected {two.shape}"
        if one.dtype.kind != "f":
            numpy.testing.assert_array_equal(one, two)
            continue
        scale = max(1.0, float(numpy.abs(two).max(initial=0.0)))
        atol = 16 * factor * float(numpy.finfo(dtype).eps) * scale + error
        numpy.testing.assert_allclose(one.astype("float64"), two, rtol=0, atol=atol)
