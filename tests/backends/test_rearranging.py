"""The kernels that add small arrays and rearrange columns and sequences give what the reference gives."""

import numpy
import pytest

from thinc.api import NumpyOps, Ops
from thinc.errors import ShapeError

DTYPES = ["float16", "float32", "float64", "int32", "uint64", "bool"]
SIZES = [(0, 3), (1, 3), (4, 0), (5, 7)]
LAYOUTS = {
    "C": lambda X: X,
    "Fortran": numpy.asfortranarray,
    "strided": lambda X: numpy.repeat(X, 2, axis=1)[:, ::2],
}


def numbers(*shape, dtype="float32", seed=0):
    return numpy.random.default_rng(seed).integers(0, 100, shape).astype(dtype)


def assert_same(ours, theirs):
    assert type(ours) is type(theirs) and ours.dtype == theirs.dtype
    numpy.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("rows, width", SIZES)
def test_columns_are_joined_and_split(dtype, layout, rows, width):
    Xs = [layout(numbers(rows, n, dtype=dtype, seed=n)) for n in (width, 2, 1)]
    joined = NumpyOps()._join_columns(Xs)
    assert_same(joined, Ops()._join_columns(Xs))

    parts = NumpyOps()._split_columns(layout(joined), [width, 2, 1])
    for part, X in zip(parts, Xs, strict=True):
        assert_same(part, X)
        assert part.flags.c_contiguous and part.flags.owndata


@pytest.mark.parametrize("others", [(4, 3, "float32"), (5, 3, "float64")], ids=["rows", "dtype"])
def test_columns_that_do_not_fit_are_left_to_the_reference(others):
    *shape, dtype = others
    Xs = [numbers(5, 2), numbers(*shape, dtype=dtype)]
    if dtype == "float64":
        assert_same(NumpyOps()._join_columns(Xs), Ops()._join_columns(Xs))
    else:
        with pytest.raises(ShapeError, match="side by side; give each as many rows"):
            NumpyOps()._join_columns(Xs)


@pytest.mark.parametrize("columns", [3, 5])
def test_the_blocks_must_be_all_columns(columns):
    for ops in (NumpyOps(), Ops()):
        with pytest.raises(ShapeError, match=r"outputs of \[2, 2\] columns\. Give it 4 columns"):
            ops._split_columns(numbers(2, columns), [2, 2])


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int32"])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (70, 70)])
def test_sums_are_those_of_numpy(dtype, shape):
    A, B = numbers(*shape, dtype=dtype), numbers(*shape, dtype=dtype, seed=1)
    for one, two in ((A, B), (A, numpy.asfortranarray(B)), (A, B.astype("float64"))):
        assert_same(NumpyOps()._plus(one, two), one + two)


def test_sums_of_other_shapes_are_those_of_numpy():
    A = numbers(3, 4)
    for B in (numbers(4), numbers(3, 1), numpy.float32(2)):
        assert_same(NumpyOps()._plus(A, B), A + B)
    with pytest.raises(ShapeError, match="give them one shape"):
        NumpyOps()._plus(A, numbers(3, 5))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("lengths", [[], [0], [3], [5, 4, 0], [2, 5, 1]])
@pytest.mark.parametrize("kind", ["int32", "int64"])
@pytest.mark.parametrize("strided", [False, True])
def test_sequences_are_reversed_up_to_their_lengths(dtype, lengths, kind, strided):
    data = numbers(5, len(lengths), 3, dtype=dtype)
    data = data[:, :, ::-1] if strided else data
    lengths = numpy.asarray(lengths, kind)
    found = NumpyOps()._reverse_sequences(data, lengths)

    assert_same(found, Ops()._reverse_sequences(data, lengths))
    assert_same(NumpyOps()._reverse_sequences(found, lengths), numpy.ascontiguousarray(data))


def test_lengths_beyond_the_data_are_refused():
    with pytest.raises(IndexError):
        NumpyOps()._reverse_sequences(numbers(2, 1, 3), numpy.asarray([3]))
