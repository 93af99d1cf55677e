"""How far sums over rows may be from the true value, and what kernels and reference share."""

import numpy
import pytest

from thinc.backends import NumpyOps, Ops
from thinc.backends._accelerate import kernels

ops, reference = NumpyOps(), Ops()
every_ops = pytest.mark.parametrize("ops", [reference, ops], ids=["base", "numpy"])
dtypes = pytest.mark.parametrize("dtype", ["float32", "float64"])


def bound(n, terms, dtype):
    return 2 * n**0.5 * numpy.finfo(dtype).eps * terms


@dtypes
@pytest.mark.parametrize("width", [1, 7, 16, 96, 131])
def test_long_sequences_are_summed_exactly_enough(dtype, width):
    X = numpy.random.default_rng(0).normal(size=(6007, width)).astype(dtype) + 0.1
    lengths = numpy.array([5000, 0, 1, 1006], "int32")
    Y = ops.reduce_sum(X, lengths)
    start = 0
    for b, n in enumerate(lengths):
        part = X[start : start + n].astype("longdouble")
        assert (abs(Y[b] - part.sum(axis=0)) <= bound(n, abs(part).sum(axis=0), dtype)).all()
        start += n


def test_a_million_equal_terms_are_summed_exactly_enough():
    X = numpy.full((10**6, 1), 0.1, "f")
    Y = ops.reduce_sum(X, numpy.array([10**6], "int32"))
    true = 10**6 * float(numpy.float32(0.1))
    assert abs(Y[0, 0] - true) <= bound(10**6, true, "float32")


@every_ops
@dtypes
@pytest.mark.parametrize("width", [1, 5, 96, 300])
def test_layernorm(ops, dtype, width):
    rng = numpy.random.default_rng(1)
    X, dY = rng.normal(size=(2, 517, width)).astype(dtype) * 3 + 1
    G, b = rng.normal(size=(2, width)).astype(dtype)
    wide = X.astype("longdouble")
    s = 1 / numpy.sqrt(wide.var(axis=1, keepdims=True) + numpy.longdouble(1e-8))
    N = (wide - wide.mean(axis=1, keepdims=True)) * s
    Y, mu, scale = ops.layernorm(X, G, b)
    assert Y.dtype == mu.dtype == scale.dtype == dtype
    eps = numpy.finfo(dtype).eps
    if width > 1:  # a row of one number is its mean, and what is left is rounding
        numpy.testing.assert_allclose(Y, (N * G + b).astype(dtype), atol=32 * eps)
        dX, dG, db = ops.backprop_layernorm(dY, X, mu, scale, G)
        assert (abs(dG - (dY * N).sum(axis=0)) <= bound(517, abs(dY * N).sum(axis=0), dtype)).all()
        assert (abs(db - dY.sum(axis=0, dtype="longdouble")) <= bound(517, abs(dY).sum(axis=0), dtype)).all()
        D = dY * G
        true = s * (D - D.mean(axis=1, keepdims=True) - N * (D * N).mean(axis=1, keepdims=True))
        numpy.testing.assert_allclose(dX, true.astype(dtype), atol=64 * eps * float(abs(true).max()))


@dtypes
@pytest.mark.parametrize("name", ["reduce_sum", "reduce_mean", "reduce_max", "softmax_sequences"])
def test_nan_goes_where_the_reference_puts_it(dtype, name):
    X = numpy.random.default_rng(2).normal(size=(30, 37)).astype(dtype)
    X[3, 5] = X[10, 0] = X[10, 36] = X[29] = numpy.nan
    lengths = numpy.array([4, 6, 20], "int32")
    for got, want in zip(getattr(ops, name)(X, lengths), getattr(reference, name)(X, lengths)):
        numpy.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kind", ["int64", "strided"])
def test_lengths_of_other_layouts_are_read_right(kind):
    X = numpy.arange(12, dtype="f").reshape(6, 2)
    lengths = numpy.array([1, 9, 2, 9, 3, 9])[::2].astype("int64" if kind == "int64" else "int32")
    if kind == "strided":
        lengths = numpy.repeat(lengths, 2)[::2]
    assert ops.reduce_sum(X, lengths).tolist() == [[0, 1], [6, 8], [24, 27]]
    assert ops.seq2col(X, 1, lengths=lengths).shape == (6, 6)
    assert ops.reduce_last(X, lengths)[1].tolist() == [0, 2, 5]


def test_which_outside_of_its_sequence_is_refused():
    dY, lengths = numpy.ones((2, 1), "f"), numpy.array([1, 2], "int32")
    for row in (-1, 1):
        with pytest.raises(IndexError):
            ops.backprop_reduce_max(dY, numpy.full((2, 1), row, "int32"), lengths)


@pytest.mark.parametrize("dtype", ["float32", "int64", "bool", "float16"])
def test_padding_of_any_dtype_and_rank(dtype):
    seqs = [numpy.arange(n * 6).reshape(n, 2, 3).astype(dtype) for n in (2, 5, 0, 1)]
    padded, plain = ops.list2padded(seqs), reference.list2padded(seqs)
    for got, want in zip(
        (padded.data, padded.size_at_t, padded.lengths, padded.indices),
        (plain.data, plain.size_at_t, plain.lengths, plain.indices),
    ):
        assert got.dtype == want.dtype and got.tolist() == want.tolist()
    for got, want in zip(ops.padded2list(padded), seqs, strict=True):
        assert got.dtype == dtype and got.tolist() == want.tolist()
    assert (ops.pad(seqs, 4) == reference.pad(seqs, 4)).all()


ALIKE = {  # rows, terms: enough for each way to multiply, by itself or cut
    "one row": (1, 300_000),
    "a few rows": (5, 100_000),
    "a tile and more": (30, 20_000),
    "many rows": (70, 5_000),
}


@pytest.mark.skipif(
    kernels is None, reason="without the kernels products are NumPy's, whose order of terms is not ours"
)
@pytest.mark.parametrize("rows, n", ALIKE.values(), ids=ALIKE)
@pytest.mark.parametrize("form", ["affine", "maxout", "transposed", "plain"])
def test_products_of_equal_terms_are_exact_enough(form, rows, n):
    """All roundings go the same way, so that one long chain of additions would be far off."""
    X, W = numpy.full((rows, n), 0.1, "f"), numpy.full((3, n), 0.3, "f")
    Y = {
        "affine": lambda: ops.affine(X, W, numpy.zeros(3, "f")),
        "maxout": lambda: ops.maxout_affine(X, W[:, None], numpy.zeros((3, 1), "f"))[0],
        "transposed": lambda: ops.gemm(numpy.ascontiguousarray(X.T), W, trans1=True, trans2=True),
        "plain": lambda: ops.gemm(X, numpy.ascontiguousarray(W.T)),
    }[form]()
    true = n * float(X[0, 0]) * float(W[0, 0])
    assert (abs(Y - true) <= bound(n, true, "float32")).all()


@pytest.mark.parametrize("n", [1000, 100_000])
@pytest.mark.parametrize("width", [1, 40, 131])
def test_gradients_of_biases_are_exact_enough(n, width):
    dZ, X, W = numpy.full((n, width), 0.1, "f"), numpy.zeros((n, 2), "f"), numpy.zeros((width, 2), "f")
    db = numpy.zeros(width, "f")
    ops.backprop_affine(dZ, X, W, numpy.zeros_like(W), db)
    true = n * float(dZ[0, 0])
    assert (abs(db - true) <= bound(n, true, "float32")).all()
