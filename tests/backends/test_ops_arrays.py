"""Making, converting, reshaping and multiplying arrays."""

import numpy
import pytest

from thinc.backends import NumpyOps, Ops
from thinc.errors import DTypeError, ShapeError

every_ops = pytest.mark.parametrize("ops", [Ops(), NumpyOps()], ids=["base", "numpy"])
rng = numpy.random.default_rng(0)


class Tensor:
    """What a tensor of PyTorch looks like from outside."""

    def __init__(self, data):
        self._data = numpy.array(data)

    def detach(self):
        return self

    cpu = detach

    def numpy(self):
        return self._data


class Convertible:
    def __array__(self, dtype=None, copy=None):
        return numpy.arange(3, dtype=dtype)


@every_ops
@pytest.mark.parametrize("kind, dtype", [("f", "float32"), ("i", "int32")])
@pytest.mark.parametrize("ndim", [1, 2, 3, 4])
def test_typed_aliases(ops, kind, dtype, ndim):
    shape = (2, 1, 3, 2)[:ndim]
    made = getattr(ops, f"alloc{ndim}{kind}")(*shape)
    assert made.shape == shape and made.dtype == dtype and not made.any()
    assert getattr(ops, f"alloc{ndim}{kind}")(*shape, dtype="int64", zeros=False).dtype == "int64"
    assert getattr(ops, f"alloc_{kind}")(shape).dtype == dtype
    assert getattr(ops, f"asarray{ndim}{kind}")(made.tolist()).dtype == dtype
    assert getattr(ops, f"asarray_{kind}")(made) is made
    flat = made.reshape(-1)
    for name in (f"reshape{ndim}", f"reshape{ndim}{kind}"):
        assert getattr(ops, name)(flat, *shape).shape == shape
    assert getattr(ops, f"reshape_{kind}")(flat, shape).shape == shape


@every_ops
def test_shapes_may_be_ints(ops):
    assert ops.alloc(3).shape == ops.reshape(ops.alloc((3, 1)), 3).shape == (3,)


@every_ops
def test_asarray_keeps_what_fits(ops):
    X = ops.alloc2f(2, 2)
    assert ops.asarray(X) is X and ops.asarray(X, dtype="float32") is X
    assert ops.asarray(X, "int32").dtype == "int32"


@every_ops
@pytest.mark.parametrize("data", [[0, 1, 2], (0, 1, 2), range(3), Tensor([0, 1, 2]), Convertible()], ids=repr)
def test_asarray_takes_anything_like_an_array(ops, data):
    Y = ops.asarray(data, dtype="float32")
    assert type(Y) is numpy.ndarray and Y.dtype == "float32" and Y.tolist() == [0, 1, 2]


@every_ops
def test_asarray_keeps_big_hashes_exact(ops):
    big = [2**64 - 1, 2**63 + 1]
    assert ops.asarray(big, dtype="uint64").tolist() == big


@every_ops
def test_to_numpy_keeps_values_in_any_byte_order(ops):
    X = numpy.arange(3, dtype="float32")
    swapped = ops.to_numpy(X, byte_order=">")
    assert ops.to_numpy(X) is X
    assert swapped.dtype.byteorder == ">" and swapped.tolist() == X.tolist()
    with pytest.raises(ValueError, match="list"):
        ops.to_numpy([1])


@every_ops
def test_as_contig_copies_only_if_it_must(ops):
    X = rng.normal(size=(3, 4)).astype("float32")
    assert ops.as_contig(X) is X and ops.as_contig(X, dtype="float32") is X
    Y = ops.as_contig(X.T, dtype="float64")
    assert Y.flags.c_contiguous and Y.dtype == "float64" and (Y == X.T).all()


@every_ops
@pytest.mark.parametrize("trans1", [False, True])
@pytest.mark.parametrize("trans2", [False, True])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("n, k, m", [(2, 3, 4), (0, 3, 4), (2, 0, 4), (2, 3, 0), (1, 1, 1)])
def test_gemm(ops, trans1, trans2, dtype, n, k, m):
    A, B = rng.normal(size=(n, k)).astype(dtype), rng.normal(size=(k, m)).astype(dtype)
    x, y = (A.T.copy() if trans1 else A), (B.T.copy() if trans2 else B)
    want = A.astype("float64") @ B.astype("float64")
    Y = ops.gemm(x, y, trans1=trans1, trans2=trans2)
    assert Y.dtype == dtype and Y.flags.c_contiguous
    numpy.testing.assert_allclose(Y, want, atol=16 * numpy.finfo(dtype).eps)
    out = numpy.full((m, n), 7, dtype).T
    assert ops.gemm(x, y, out=out, trans1=trans1, trans2=trans2) is out
    numpy.testing.assert_array_equal(out, Y)


@every_ops
def test_gemm_may_write_over_its_own_argument(ops):
    X = rng.normal(size=(3, 3))
    want = X @ X
    assert ops.gemm(X, X, out=X) is X
    numpy.testing.assert_allclose(X, want)


@every_ops
def test_gemm_refuses_wrong_shapes(ops):
    X = ops.alloc2f(2, 3)
    with pytest.raises(ShapeError, match=r"float32\[2, 3\].*inner sizes 3 and 2"):
        ops.gemm(X, X)
    with pytest.raises(ShapeError, match="two matrices"):
        ops.gemm(X, ops.alloc1f(3))
    with pytest.raises(ShapeError, match=r"product has the shape \(2, 2\)"):
        ops.gemm(X, X, trans2=True, out=ops.alloc2f(2, 3))
    with pytest.raises(DTypeError, match="product has the dtype float32"):
        ops.gemm(X, X, trans2=True, out=ops.alloc2f(2, 2, dtype="float64"))


def test_numpy_gemm_refuses_mixed_dtypes():
    X = NumpyOps().alloc2f(2, 2)
    with pytest.raises(ValueError, match="float32"):
        NumpyOps().gemm(X, X.astype("float64"))


@every_ops
def test_affine(ops):
    X, W, b = (rng.normal(size=s).astype("f") for s in [(5, 3), (4, 3), (4,)])
    numpy.testing.assert_allclose(ops.affine(X, W, b), X @ W.T + b, rtol=1e-5, atol=1e-6)
    with pytest.raises(ShapeError, match=r"b = float32\[3\]"):
        ops.affine(X, W, b[:3])


@every_ops
def test_tile(ops):
    assert ops.tile(numpy.array([[1, 2]]), (2, 2)).tolist() == [[1, 2, 1, 2]] * 2
