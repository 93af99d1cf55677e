"""The gradients of a maxout layer, which its kernel sums over the winning pieces alone."""

import numpy
import pytest

from thinc.backends import NumpyOps, Ops
from thinc.backends._accelerate import kernels

ops = NumpyOps()
# Around the sizes of vectors (4 to 16 numbers), of a stripe (8 vectors) and of a block (32 KiB).
SIZES = [
    (1, 1, 1, 1), (1, 5, 3, 16), (3, 5, 2, 128), (8, 9, 3, 256), (9, 9, 3, 17), (2, 3, 4, 144), (70, 3, 3, 33),
    (130, 40, 3, 129), (200, 7, 2, 300), (90, 20, 60, 5), (33, 2, 700, 40), (5, 0, 3, 4), (0, 4, 3, 5), (4, 3, 2, 0),
    (100, 35, 4, 96), (100, 35, 5, 96),  # the most pieces of outputs that are taken in pairs, and more
    (600, 40, 3, 40),  # more rows than stay in the cache
]  # fmt: skip


def problem(nB, nO, nP, nI, dtype):
    rng = numpy.random.default_rng(nB + nI)
    dY, X, W = (rng.normal(size=shape).astype(dtype) for shape in ((nB, nO), (nB, nI), (nO, nP, nI)))
    which = rng.integers(0, nP, (nB, nO)).astype("int32")
    return dY, which, X, W, rng.normal(size=W.shape).astype(dtype), rng.normal(size=(nO, nP)).astype(dtype)


def gradients(dZ, X, W, dW, db):
    return (
        numpy.einsum("nop,opi->ni", dZ, W),
        dW + numpy.einsum("nop,ni->opi", dZ, X),
        db + dZ.sum(axis=0),
    )


def expected(dY, which, X, W, dW, db):
    """In float64: the results, and the sums of the terms' sizes, of which rounding takes a share."""
    dZ = dY[..., None] * (which[..., None] == numpy.arange(W.shape[1]))
    terms = [array.astype("float64") for array in (dZ, X, W, dW, db)]
    return gradients(*terms), gradients(*map(abs, terms))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("sizes", SIZES)
def test_sums_over_winners(sizes, dtype):
    dY, which, X, W, dW, db = problem(*sizes, dtype)
    results, terms = expected(dY, which, X, W, dW, db)
    dX = ops.backprop_maxout_affine(dY, which, X, W, dW, db)
    counts = sizes[1] + 1, sizes[0] + 1, sizes[0] + 1
    for got, result, size, n in zip((dX, dW, db), results, terms, counts, strict=True):
        assert got.dtype == dtype
        assert (abs(got - result) <= 2 * n**0.5 * numpy.finfo(dtype).eps * size).all()


@pytest.mark.parametrize("rows", [slice(None, None, 2), slice(None, None, -1)])
@pytest.mark.parametrize("columns", [slice(0, 20), slice(0, 40, 2), slice(None, None, -2)])
def test_layouts_of_the_input(rows, columns):
    dY, which, _, W, dW, db = problem(10, 4, 3, 20, "float32")
    X = numpy.random.default_rng(0).normal(size=(20, 40)).astype("f")[rows, columns][:10, :20]
    (dX, wanted, _), _ = expected(dY, which, X, W, dW, db)
    assert numpy.allclose(ops.backprop_maxout_affine(dY, which, X, W, dW, db), dX, atol=1e-5)
    assert numpy.allclose(dW, wanted, atol=1e-5)


@pytest.mark.parametrize("gap", [96, 112, 256])
@pytest.mark.parametrize("start", [0, 1, 16])
def test_rows_that_begin_at_cache_lines_or_elsewhere(gap, start):
    """Those that do are read in place."""
    dY, which, _, W, dW, db = problem(100, 5, 3, 96, "float32")
    memory = numpy.random.default_rng(1).normal(size=101 * gap + 32).astype("f")
    start += -memory.ctypes.data // 4 % 16
    X = memory[start : start + 100 * gap].reshape(100, gap)[:, :96]
    results, terms = expected(dY, which, X, W, dW, db)
    dX = ops.backprop_maxout_affine(dY, which, X, W, dW, db)
    for got, result, size in zip((dX, dW, db), results, terms, strict=True):
        assert (abs(got - result) <= 2 * 100**0.5 * 2**-23 * size).all()


def test_an_input_without_columns_that_is_a_part_of_another():
    """NumPy gives it other strides than an array of its own."""
    dY, which, X, W, dW, db = problem(10, 4, 3, 0, "float32")
    (dX, _, wanted), _ = expected(dY, which, X, W, dW, db)
    part = numpy.zeros((20, 5), "f")[::2, :0]
    assert ops.backprop_maxout_affine(dY, which, part, W, dW, db).shape == dX.shape
    assert numpy.allclose(db, wanted, atol=1e-5)


@pytest.mark.parametrize("piece", [-1, 3, 2**31 - 1])
def test_a_winner_that_is_no_piece_is_refused_or_loses(piece):
    """What the reference makes of it, and not a read beyond W."""
    dY, which, X, W, dW, db = problem(10, 4, 3, 20, "float32")
    which[7, 2] = piece
    outcomes = []
    for each in (ops, Ops()):
        new_dW, new_db = dW.copy(), db.copy()
        try:
            outcomes.append([each.backprop_maxout_affine(dY, which, X, W, new_dW, new_db), new_dW, new_db])
        except Exception as error:
            outcomes.append([str(type(error)), new_dW, new_db])
    for ours, reference in zip(*outcomes, strict=True):
        assert ours == reference if isinstance(ours, str) else numpy.allclose(ours, reference, atol=1e-5)


def test_gradient_that_lies_in_the_input():
    """dW is written while X is read: their memory must not be the same."""
    dY, which, X, W, dW, db = problem(6, 2, 3, 20, "float32")
    X = dW.reshape(6, 20)
    separate = dW.copy()
    dX = Ops().backprop_maxout_affine(dY, which, X.copy(), W, separate, db.copy())
    assert numpy.allclose(ops.backprop_maxout_affine(dY, which, X, W, dW, db), dX, atol=1e-5)
    assert numpy.allclose(dW, separate, atol=1e-5)


@pytest.mark.skipif(kernels is None, reason="the extension is switched off")
def test_threads_do_not_change_a_number():
    first, second = (problem(700, 96, 3, 288, "float32") for _ in range(2))
    dX = ops.backprop_maxout_affine(*first)
    before = kernels.limit_threads(2)
    try:
        also_dX = ops.backprop_maxout_affine(*second)
    finally:
        kernels.limit_threads(before)
    for one, other in zip((dX, *first), (also_dX, *second), strict=True):
        assert numpy.array_equal(one, other)
