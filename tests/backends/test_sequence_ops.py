"""Packing, windows and reductions of ragged sequences."""

import numpy
import pytest

from thinc.backends import NumpyOps, Ops
from thinc.errors import ShapeError

ops = NumpyOps()
FLOATS = ["float16", "float32", "float64"]
I = lambda *n: numpy.array(n, dtype="int32")  # noqa: E731,E741


def rows(n, w=2, dtype="float32"):
    X = numpy.arange(n * w, dtype=dtype).reshape(n, w)
    X.flags.writeable = False
    return X


@pytest.mark.parametrize("pad", [0, 1, 2])
def test_flatten_and_back(pad):
    seqs = [rows(2), rows(0), rows(3)]
    flat = ops.flatten(seqs, pad=pad)
    assert flat.shape == (5 + 3 * pad, 2)
    back = ops.unflatten(flat, [2, 0, 3], pad=pad)
    assert [b.tolist() for b in back] == [s.tolist() for s in seqs]


@pytest.mark.parametrize("ops", [Ops(), NumpyOps()])
def test_flatten_names_the_shapes_that_do_not_fit(ops):
    for other in (numpy.ones((2, 4), "f"), numpy.ones(2, "f")):
        with pytest.raises(ShapeError, match=r"flatten: the items have the shapes \[\(2, 3\), \(2,"):
            ops.flatten([numpy.ones((2, 3), "f"), other])


def test_flatten_nothing():
    assert ops.flatten([]).shape == (0, 0) and ops.flatten(None, ndim_if_empty=3).ndim == 3
    assert ops.flatten([rows(0, 4, "int32")]).dtype == "int32"


def test_pad():
    assert ops.pad([rows(2), rows(3)], round_to=4).shape == (2, 4, 2)
    with pytest.raises(ValueError, match="Rounding for padding must at least be 1"):
        ops.pad([rows(2)], round_to=0)
    for bad in ([], [rows(1), rows(1, 3)], [rows(1), rows(1, 2, "float64")]):
        with pytest.raises(ValueError):
            ops.pad(bad)


@pytest.mark.parametrize("lens", [[], [2], [1, 3, 3], [0, 2], [0, 0]])
def test_padded_and_back(lens):
    seqs = [rows(n) for n in lens]
    padded = ops.list2padded(seqs)
    assert [s.tolist() for s in ops.padded2list(padded)] == [s.tolist() for s in seqs]


def test_padded_order():
    padded = ops.list2padded([rows(1), rows(3), rows(3)])
    assert padded.lengths.tolist() == [3, 3, 1] and padded.indices.tolist() == [2, 1, 0]
    assert padded.size_at_t.tolist() == [3, 2, 2] and padded.data.shape == (3, 3, 2)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("nW", [0, 1, 2, 9])
@pytest.mark.parametrize("lens", [None, [5], [0, 2, 0, 3, 0]])
def test_windows_and_their_adjoint(dtype, nW, lens):
    X, width = rows(5, 2, dtype), 2 * nW + 1
    lengths = None if lens is None else I(*lens)
    Y, start = ops.seq2col(X, nW, lengths=lengths), 0
    expected = numpy.zeros((5, width, 2), dtype)
    for n in lens or [5]:
        for i in range(n):
            for j in range(n):
                if abs(j - i) <= nW:
                    expected[start + i, j - i + nW] = X[start + j]
        start += n
    assert Y.dtype == dtype and (Y == expected.reshape(5, -1)).all()
    dY = (numpy.arange(Y.size) % 3).astype(dtype).reshape(Y.shape)
    dX = ops.backprop_seq2col(dY, nW, lengths=lengths)
    assert dX.dtype == dtype and (dX * X).sum() == (dY * Y).sum()


def test_windows_of_nothing():
    for lens in ([], [0], [0, 0]):
        assert ops.seq2col(rows(0, 0), 1, lengths=I(*lens)).shape == (0, 0)
        assert ops.backprop_seq2col(rows(0, 0), 1, lengths=I(*lens)).shape == (0, 0)
    for lens in ([4], [-1, 6]):
        with pytest.raises(AssertionError):
            ops.seq2col(rows(5), 1, lengths=I(*lens))


@pytest.mark.parametrize("dtype", FLOATS)
def test_sum_and_mean(dtype):
    X, lengths = rows(3, 2, dtype), I(2, 0, 1)
    Y = ops.reduce_sum(X, lengths)
    assert Y.dtype == dtype and Y.tolist() == [[2, 4], [0, 0], [4, 5]]
    Y = ops.reduce_mean(X, lengths)
    assert Y.dtype == dtype and Y.tolist() == [[1, 2], [0, 0], [4, 5]]
    assert ops.backprop_reduce_sum(Y, lengths).tolist() == [[1, 2], [1, 2], [4, 5]]
    assert ops.backprop_reduce_mean(Y, lengths).tolist() == [[0.5, 1], [0.5, 1], [4, 5]]


@pytest.mark.parametrize("dtype", FLOATS)
def test_max(dtype):
    X = numpy.array([[1, 5], [1, 2], [0, 3]], dtype)
    Y, which = ops.reduce_max(X, I(2, 1))
    assert Y.dtype == dtype and Y.tolist() == [[1, 5], [0, 3]]
    assert which.dtype == "int32" and which.tolist() == [[0, 0], [0, 0]]
    assert ops.backprop_reduce_max(Y, which, I(2, 1)).tolist() == [[1, 5], [0, 0], [0, 3]]
    with pytest.raises(IndexError):
        ops.backprop_reduce_max(Y, which + 1, I(2, 1))


def test_first_and_last():
    X = rows(3)
    Y, borders = ops.reduce_first(X, I(2, 1))
    assert Y.tolist() == [[0, 1], [4, 5]] and borders.tolist() == [0, 2, 3]
    assert ops.backprop_reduce_first(Y, borders).tolist() == [[0, 1], [0, 0], [4, 5]]
    Y, lasts = ops.reduce_last(X, I(2, 1))
    assert Y.tolist() == [[2, 3], [4, 5]] and lasts.tolist() == [1, 2]
    assert ops.backprop_reduce_last(Y, lasts).tolist() == [[0, 0], [2, 3], [4, 5]]


@pytest.mark.parametrize("name", ["sum", "mean", "max", "first", "last"])
def test_reductions_of_nothing_and_of_bad_lengths(name):
    reduce, back = getattr(ops, f"reduce_{name}"), getattr(ops, f"backprop_reduce_{name}")
    for X, lengths in ((rows(0, 10), I()), (rows(5, 0), I(2, 3))):
        got = reduce(X, lengths)
        Y, rest = (got[0], got[1:]) if isinstance(got, tuple) else (got, ())
        args = rest if name in ("first", "last") else (*rest, lengths)
        assert Y.shape == (len(lengths), X.shape[1]) and back(Y, *args).shape == X.shape
    with pytest.raises(IndexError, match="lengths must sum up to the number of rows"):
        reduce(rows(3), I(4))
    low = "> 0" if name in ("max", "first", "last") else ">= 0"
    with pytest.raises(ValueError, match=f"all sequence lengths must be {low}"):
        reduce(rows(3), I(-1, 4))


@pytest.mark.parametrize("dtype", FLOATS)
def test_softmax_sequences(dtype):
    X, lengths = rows(5, 2, dtype), I(2, 0, 3)
    Y = ops.softmax_sequences(X, lengths)
    assert Y.dtype == dtype
    assert numpy.allclose(ops.reduce_sum(Y, lengths), [[1, 1], [0, 0], [1, 1]], atol=2e-3)
    dX = ops.backprop_softmax_sequences(X, Y, lengths)
    assert dX.dtype == dtype and numpy.allclose(ops.reduce_sum(dX, lengths), 0, atol=2e-2)
    with pytest.raises(NotImplementedError):
        ops.softmax_sequences(X[None], lengths)


def test_flatten_with_more_padding_than_can_be_counted():
    """Four times this number is 0 in 64 bits."""
    X = numpy.ones((2, 1), "f")
    with pytest.raises((ValueError, MemoryError)):
        NumpyOps().flatten([X, X, X], pad=2**62)
