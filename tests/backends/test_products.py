"""Matrix products of every shape, layout and transposition, within the bound of rounding."""

import numpy
import pytest

from thinc.backends import NumpyOps, _accelerate
from thinc.errors import ShapeError

OPS = NumpyOps()
# One row, few rows, tails of every tile, several blocks along each axis, and nothing.
SHAPES = [
    (1, 1, 1), (1, 5, 3), (3, 7, 96), (4, 96, 96), (12, 33, 70), (13, 33, 70), (25, 50, 385),
    (100, 31, 17), (200, 64, 800), (30, 1100, 40), (300, 17, 1), (50, 40, 1024), (5, 0, 3), (0, 4, 4), (4, 4, 0),
    (18, 21, 300), (19, 85, 90), (130, 300, 16), (200, 96, 5), (49, 64, 160), (90, 11, 33),
]  # fmt: skip
LAYOUTS = {
    "dense": lambda x: x,
    "Fortran": numpy.asfortranarray,
    "gaps": lambda x: numpy.repeat(numpy.repeat(x, 2, 0), 3, 1)[::2, ::3],
    "reversed": lambda x: x[::-1, ::-1],
    "repeated row": lambda x: numpy.broadcast_to(x[:1], x.shape) if len(x) else x,
}


def bound(A, B, dtype):
    """2 · √n · ε · Σ |terms|, with ε the distance from 1 to the next number."""
    return 2 * max(A.shape[1], 1) ** 0.5 * numpy.finfo(dtype).eps * (abs(A) @ abs(B))


# NumPy adds the products of strided arrays one by one, with up to n · ε / 2 of error.
@pytest.mark.skipif(_accelerate.kernels is None, reason="the reference promises no more than numpy does")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("trans1, trans2", [(False, False), (False, True), (True, False), (True, True)])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_products_are_within_the_bound_of_rounding(dtype, trans1, trans2, layout):
    rng = numpy.random.default_rng(0)
    for n, m, k in SHAPES:
        x = LAYOUTS[layout](rng.normal(size=(k, n) if trans1 else (n, k)).astype(dtype))
        y = LAYOUTS[layout](rng.normal(size=(m, k) if trans2 else (k, m)).astype(dtype))
        A, B = (x.T if trans1 else x), (y.T if trans2 else y)
        wanted = A.astype("float128") @ B.astype("float128")
        error = abs(OPS.gemm(x, y, trans1=trans1, trans2=trans2) - wanted)

        assert (error <= bound(A, B, dtype)).all(), (n, m, k)


def test_rows_do_not_depend_on_their_neighbours():
    rng = numpy.random.default_rng(0)
    X, W = rng.normal(size=(200, 300)).astype("f"), rng.normal(size=(70, 300)).astype("f")
    Y = OPS.gemm(X, W, trans2=True)

    numpy.testing.assert_array_equal(OPS.gemm(X[50:], W, trans2=True), Y[50:])


@pytest.mark.parametrize("special", [numpy.inf, -numpy.inf, numpy.nan])
def test_infinities_and_nan_reach_the_result_and_nothing_else(special):
    X, W = numpy.ones((40, 20), "f"), numpy.ones((30, 20), "f")
    X[3, 4] = special
    Y = OPS.gemm(X, W, trans2=True)

    numpy.testing.assert_array_equal(Y[3], numpy.full(30, special, "f"))
    assert (Y[numpy.arange(40) != 3] == 20).all()


def test_the_result_may_lie_anywhere():
    rng = numpy.random.default_rng(0)
    x, y = rng.normal(size=(30, 30)).astype("f"), rng.normal(size=(30, 30)).astype("f")
    wanted = OPS.gemm(x, y)
    wide = numpy.zeros((60, 90), "f")
    for out in (numpy.empty((30, 30), "f").T, wide[::2, ::3]):
        numpy.testing.assert_array_equal(OPS.gemm(x, y, out=out), wanted)
    numpy.testing.assert_array_equal(OPS.gemm(x.copy(), y, out=y), wanted)
    assert not wide[1::2].any() and not wide[:, 1::3].any()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("trans1, trans2", [(False, False), (False, True), (True, False)])
@pytest.mark.parametrize("n, m, k", [(3, 37, 20), (30, 192, 6), (160, 288, 12), (60, 96, 40), (20, 130, 101)])
def test_a_result_that_begins_anywhere_in_a_cache_line_is_all_that_is_written(dtype, trans1, trans2, n, m, k):
    rng = numpy.random.default_rng(0)
    x = rng.normal(size=(k, n) if trans1 else (n, k)).astype(dtype)
    y = rng.normal(size=(m, k) if trans2 else (k, m)).astype(dtype)
    wanted = OPS.gemm(x, y, trans1=trans1, trans2=trans2)
    for start in range(1, 17):
        room = numpy.full(n * m + 34, 7, dtype)
        out = room[start : start + n * m].reshape(n, m)
        OPS.gemm(x, y, out=out, trans1=trans1, trans2=trans2)

        numpy.testing.assert_array_equal(out, wanted)
        assert (room[:start] == 7).all() and (room[start + n * m :] == 7).all()


def test_read_only_results_are_refused():
    out = numpy.zeros((2, 2), "f")
    out.flags.writeable = False
    with pytest.raises(ValueError):
        OPS.gemm(out.copy(), out.copy(), out=out)


@pytest.mark.parametrize("nB", [1, 12, 13, 40, 230])
@pytest.mark.parametrize("nP", [1, 2, 3, 4, 7])
def test_ties_and_nan_choose_the_piece_that_argmax_does(nB, nP):
    X = numpy.ones((nB, 5), "f")
    W = numpy.zeros((33, nP, 5), "f")
    b = numpy.zeros((33, nP), "f")
    W[1, nP - 1, 0] = numpy.nan
    b[2, nP // 2] = 1
    b[3] = -numpy.inf
    best, which = OPS.maxout_affine(X, W, b)
    Z = (X @ W.reshape(33 * nP, 5).T + b.reshape(-1)).reshape(nB, 33, nP)

    numpy.testing.assert_array_equal(which, Z.argmax(axis=2))
    numpy.testing.assert_array_equal(best, Z.max(axis=2))


def test_a_replaced_operation_is_also_used_inside_fused_ones():
    class Doubled(NumpyOps):
        def gemm(self, x, y, out=None, trans1=False, trans2=False):
            return 2 * super().gemm(x, y, out, trans1, trans2)

    X, W, b = numpy.ones((2, 3), "f"), numpy.ones((4, 3), "f"), numpy.zeros(4, "f")

    assert (Doubled().affine(X, W, b) == 6).all()
    assert (Doubled().activated_affine(X, W, b, "relu")[0] == 6).all()


def test_an_operation_of_a_class_beside_the_parent_is_also_used_inside_fused_ones():
    class Doubled:
        def gemm(self, x, y, out=None, trans1=False, trans2=False):
            return 2 * NumpyOps.gemm(self, x, y, out, trans1, trans2)

    class Mixed(Doubled, NumpyOps):
        pass

    class Plain(NumpyOps):
        pass

    X, W, b = numpy.ones((2, 3), "f"), numpy.ones((4, 1, 3), "f"), numpy.zeros((4, 1), "f")
    for ops, expected in ((Mixed(), 6), (Plain(), 3)):
        assert (ops.affine(X, W[:, 0], b[:, 0]) == expected).all()
        assert (ops.maxout_affine(X, W, b)[0] == expected).all()
        assert (ops.predict_maxout(X, W, b) == expected).all()
    assert not Mixed._fused and Plain._fused and NumpyOps._fused
    assert not Mixed._encodes and Plain._encodes and NumpyOps._encodes


def test_gradients_are_added_to():
    rng = numpy.random.default_rng(0)
    dZ, X, W = (rng.normal(size=size).astype("f") for size in ((9, 4), (9, 5), (4, 5)))
    dW, db = numpy.ones_like(W), numpy.ones(4, "f")
    OPS.backprop_affine(dZ, X, W, dW, db)
    OPS.backprop_affine(dZ, X, W, dW, db)

    numpy.testing.assert_allclose(dW, 1 + 2 * dZ.T @ X, rtol=1e-5, atol=1e-5)
    numpy.testing.assert_allclose(db, 1 + 2 * dZ.sum(axis=0), rtol=1e-5, atol=1e-5)


def test_gradients_of_another_shape_are_refused_by_name():
    dZ, X, W = numpy.ones((9, 4), "f"), numpy.ones((8, 5), "f"), numpy.ones((4, 5), "f")
    with pytest.raises(ShapeError, match="gemm: got"):
        OPS.backprop_affine(dZ, X, W, W.copy(), numpy.zeros(4, "f"))


def test_equal_rows_are_predicted_like_all_others():
    rng = numpy.random.default_rng(0)
    words, W, b = (rng.normal(size=size).astype("f") for size in ((40, 50), (33, 3, 50), (33, 3)))
    words[3], words[4] = words[5], -0.0
    words[6] = 0.0  # equal numbers, other bits
    words[7, 3] = numpy.nan
    for n in (64, 65, 300, 2000):
        X = words[rng.integers(0, 40, n)]
        numpy.testing.assert_array_equal(OPS.predict_maxout(X, W, b), OPS.maxout_affine(X, W, b)[0])


def test_rows_of_which_none_is_repeated_are_predicted_as_they_are():
    X = numpy.arange(64 * 50, dtype="f").reshape(64, 50) % 97
    X = numpy.concatenate([X, X + 1])
    W, b = numpy.ones((30, 3, 50), "f"), numpy.zeros((30, 3), "f")

    numpy.testing.assert_array_equal(OPS.predict_maxout(X, W, b), OPS.maxout_affine(X, W, b)[0])


@pytest.mark.parametrize("dtype", ["f", "d"])
def test_wide_rows_that_differ_at_one_end_are_told_apart(dtype):
    for column in (0, -1):
        X = numpy.ones((1000, 900), dtype)
        X[100:, column] = numpy.arange(900)  # the first hundred are all equal
        W, b = numpy.ones((22, 3, 900), dtype), numpy.zeros((22, 3), dtype)

        numpy.testing.assert_array_equal(OPS.predict_maxout(X, W, b), OPS.maxout_affine(X, W, b)[0])
