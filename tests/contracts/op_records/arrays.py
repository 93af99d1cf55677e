"""Records of making, converting and reshaping arrays."""

import numpy

from thinc.errors import ContainerError

from ..op import Op

SHAPE = (2, 3, 1, 2)


def zeros(*shape, dtype="float32", zeros=True):
    return numpy.zeros(shape[0] if isinstance(shape[0], tuple) else shape, dtype)


def allocs():
    for kind, dtype in (("f", "float32"), ("i", "int32")):

        def oracle(*shape, dtype=dtype):
            return zeros(*shape, dtype=dtype)

        for axes in range(1, 5):
            yield Op(f"alloc{axes}{kind}", lambda rng, n=axes: SHAPE[:n], oracle, fixed=True)
        yield Op(f"alloc_{kind}", lambda rng: (SHAPE,), oracle, fixed=True)
        yield Op(f"alloc_{kind}", lambda rng: (3,), oracle, fixed=True, note="int")
        yield Op(f"alloc2{kind}", lambda rng: (2, 3), oracle, options={"dtype": "float64"}, fixed=True, note="dtype")


def conversions():
    """A list becomes an array of the dtype in the name; an array of it stays the same."""
    for kind, dtype in (("f", "float32"), ("i", "int32")):
        for axes in (1, 2, 3, 4, "_"):
            depth = 2 if axes == "_" else axes
            data = (numpy.arange(24) / (2 if kind == "f" else 1)).reshape((2, 3, 2, 2)[:depth] + (-1,))
            data = data.reshape(data.shape[:-1] + (-1,))[(0,) * (data.ndim - depth)]
            yield Op(
                f"asarray{axes}{kind}",
                lambda rng, data=data: (data.tolist(),),
                lambda listed, dtype=dtype: numpy.array(listed, dtype),
                fixed=True,
                empty=lambda rng: ([],),
            )


def reshapes():
    for kind in ("", "f", "i"):
        for axes, shape in {1: (12,), 2: (3, 4), 3: (2, 3, 2), 4: (2, 3, 1, 2)}.items():
            yield Op(f"reshape{axes}{kind}", _numbers(kind, *shape), lambda X, *shape: X.reshape(shape))
        name = f"reshape_{kind}" if kind else "reshape"
        yield Op(name, _numbers(kind, (3, 4)), lambda X, shape: X.reshape(shape))
    yield Op("reshape", _numbers("", 12), lambda X, shape: X.reshape(shape), note="int")


def _numbers(kind, *shape):
    def args(rng):
        X = rng.normal(size=(4, 3))
        return ((X * 10).astype("int32") if kind == "i" else X, *shape)

    return args


def contiguous(args, returned):
    assert returned.flags.c_contiguous
    return returned


RECORDS = [
    Op("alloc", lambda rng: (SHAPE,), zeros, fixed=True),
    Op("alloc", lambda rng: (3,), zeros, options={"dtype": "int64"}, fixed=True, note="dtype"),
    Op(
        "alloc",
        lambda rng: ((2, 3),),
        lambda shape, zeros: numpy.zeros(shape, "float32"),
        options={"zeros": False},
        fixed=True,
        finish=lambda args, returned: numpy.zeros(returned.shape, returned.dtype),
        note="uninitialised",
    ),
    *allocs(),
    Op(
        "asarray",
        lambda rng: ([2**64 - 1, 3],),
        lambda listed, dtype: numpy.array(listed, dtype),
        options={"dtype": "uint64"},
        fixed=True,
        note="uint64",
    ),
    Op("asarray", lambda rng: (rng.normal(size=(2, 3)),), lambda X: X, note="same"),
    *conversions(),
    Op("as_contig", lambda rng: (rng.normal(size=(4, 3)),), lambda X: X, finish=contiguous),
    Op(
        "to_numpy",
        lambda rng: (rng.normal(size=(2, 3)),),
        lambda X: X,
        bad=(([[1, 2]], ContainerError, "to_numpy: got list"),),
    ),
    *reshapes(),
]
