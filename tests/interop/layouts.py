"""Arrays of every layout and dtype that each library can hold, made by the library itself."""

import numpy

INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
FLOATS = ("float16", "float64")
SHAPE = (2, 3, 4)


def placed(array, offset=0):
    """The array in new memory, `offset` bytes behind a multiple of 64."""
    space = numpy.zeros(array.nbytes + 128, "u1")
    start = -space.__array_interface__["data"][0] % 64 + offset
    order = "F" if array.flags.f_contiguous and not array.flags.c_contiguous else "C"
    copy = numpy.ndarray(array.shape, array.dtype, buffer=space, offset=start, order=order)
    copy[...] = array
    return copy


def numbers(dtype="float32"):
    return placed(numpy.arange(24).reshape(SHAPE).astype(dtype))


def readonly(array):
    array.flags.writeable = False
    return array


def field():
    records = placed(numpy.zeros(4, dtype=[("tag", "u1"), ("x", "f4")]))
    records["x"] = [1, 2, 3, 4]
    return records["x"]


def numpy_layouts():
    base = numbers()
    layouts = {
        "C order": base,
        "16 bytes behind a multiple of 64": placed(base, 16),
        "Fortran order": placed(numpy.asfortranarray(base)),
        "transposed": base.T,
        "columns": base[:, :, 1:3],
        "strided": base[::1, ::2, ::3],
        "backwards": base[::-1],
        "backwards inside": base[:, :, ::-1],
        "backwards, one row": base[:1][::-1],
        "broadcast (stride 0)": numpy.broadcast_to(placed(numpy.float32([1, 2])), (3, 2)),
        "sliding windows": numpy.lib.stride_tricks.sliding_window_view(base.ravel(), 3),
        "0-d": placed(numpy.array(3.0, "f")),
        "no rows": placed(numpy.zeros((0, 3), "f")),
        "no columns": placed(numpy.zeros((3, 0), "f")),
        "one element": placed(numpy.ones((1, 1), "f")),
        "read-only": readonly(placed(base)),
        "misaligned by a byte": placed(base, 1),
        "field of a record": field(),
        "big-endian float32": placed(base.astype(">f4")),
        "big-endian int64": placed(numpy.arange(3, dtype=">i8")),
        "bool": placed(numpy.array([True, False, True])),
    }
    layouts |= {name: numbers(name) for name in (*FLOATS, *INTEGERS, "complex64", "complex128", "longdouble")}
    layouts |= {
        "int64 beyond 32 bits": placed(numpy.array([2**40, -1])),
        "objects": numpy.array([object(), None]),
        "structured": placed(numpy.zeros(2, dtype=[("a", "f4"), ("b", "i4")])),
        "strings": numpy.array(["a", "bc"]),
        "dates": placed(numpy.zeros(2, "M8[s]")),
    }
    try:
        import ml_dtypes
    except ImportError:
        return layouts
    return layouts | {
        name: placed(numpy.arange(3).astype(getattr(ml_dtypes, name))) for name in ("bfloat16", "float8_e4m3fn")
    }


def torch_layouts():
    import torch

    base = torch.arange(24, dtype=torch.float32).reshape(SHAPE)
    flags = torch.arange(6.0) * (1 + 2j)
    layouts = {
        "C order": base,
        "slice": base[1:],
        "transposed": base.permute(2, 1, 0),
        "strided": base[:, ::2, ::3],
        "expanded (stride 0)": torch.tensor([1.0, 2.0]).expand(3, 2),
        "windows": base.flatten().unfold(0, 3, 1),
        "0-d": torch.tensor(3.0),
        "no rows": torch.zeros(0, 3),
        "requires_grad": torch.ones(3, requires_grad=True),
        "inside a graph": torch.ones(3, requires_grad=True) * 2,
        "parameter": torch.nn.Parameter(torch.ones(3)),
        "inference mode": inference(torch),
        "conjugate bit": flags.conj(),
        "negative bit": flags.conj().imag,
        "complex64": flags,
        "complex128": flags.to(torch.complex128),
        "sparse": torch.eye(3).to_sparse(),
        "bool": torch.tensor([True, False, True]),
    }
    for name in (*FLOATS, *INTEGERS, "bfloat16", "float8_e4m3fn"):
        layouts[name] = base.to(getattr(torch, name))
    return layouts


def inference(torch):
    with torch.inference_mode():
        return torch.ones(3) * 2


def tensorflow_layouts():
    import tensorflow

    base = tensorflow.reshape(tensorflow.range(24.0), SHAPE)
    layouts = {
        "C order": base,
        "slice": base[1:],
        "transposed": tensorflow.transpose(base),
        "broadcast": tensorflow.broadcast_to(tensorflow.constant([1.0, 2.0]), (3, 2)),
        "0-d": tensorflow.constant(3.0),
        "no rows": tensorflow.zeros((0, 3)),
        "variable": tensorflow.Variable(base),
        "bool": tensorflow.constant([True, False, True]),
        "strings": tensorflow.constant(["a", "bc"]),
        "ragged": tensorflow.ragged.constant([[1.0], [2.0, 3.0]]),
        "sparse": tensorflow.sparse.from_dense(tensorflow.eye(3)),
    }
    for name in (*FLOATS, *INTEGERS, "complex64", "complex128", "bfloat16", "float8_e4m3fn"):
        layouts[name] = tensorflow.cast(base, getattr(tensorflow.dtypes.experimental, name, name))
    return layouts


def jax_layouts():
    import jax

    jnp = jax.numpy
    base = jnp.arange(24.0).reshape(SHAPE)
    layouts = {
        "C order": base,
        "slice": base[1:],
        "transposed": base.T,
        "broadcast": jnp.broadcast_to(jnp.array([1.0, 2.0]), (3, 2)),
        "0-d": jnp.array(3.0),
        "no rows": jnp.zeros((0, 3)),
        "bool": jnp.array([True, False, True]),
        "random key": jax.random.key(0),
    }
    with jax.enable_x64(True):
        for name in (*FLOATS, *INTEGERS, "complex64", "complex128", "bfloat16", "float8_e4m3fn"):
            layouts[name] = jnp.asarray(numpy.arange(24).reshape(SHAPE)).astype(name)
    return layouts


def mxnet_layouts():
    from thinc.shims.mxnet_import import import_mxnet

    nd = import_mxnet().nd
    base = nd.arange(24).reshape(SHAPE)
    watched = nd.ones((3,))
    watched.attach_grad()
    layouts = {
        "C order": base,
        "slice": base[1:],
        "transposed": base.transpose(),
        "broadcast": nd.broadcast_to(nd.ones((1, 2)), (3, 2)),
        "no rows": nd.empty((0, 3)),
        "with a gradient": watched,
        "bool": nd.ones((3,)).astype("bool"),
        "sparse": nd.sparse.zeros("csr", (2, 3)),
    }
    for name in (*FLOATS, "int8", "int32", "int64", "uint8"):
        layouts[name] = base.astype(name)
    return layouts


LAYOUTS = {
    "numpy": numpy_layouts,
    "torch": torch_layouts,
    "tensorflow": tensorflow_layouts,
    "jax": jax_layouts,
    "mxnet": mxnet_layouts,
}
