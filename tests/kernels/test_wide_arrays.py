"""The GPU's kernels on arrays of many blocks and teams give what the reference gives."""

import numpy
import pytest
from contracts.arrays import assert_close

from thinc.backends import NumpyOps, Ops, _accelerate
from thinc.interop import fix_random_seed

from .emulator import EmulatedCupyOps, Emulator, why_not

pytestmark = pytest.mark.skipif(why_not() is not None, reason=str(why_not()))
DTYPES = ["float16", "float32", "float64"]
# One number, a part of a warp, just over one, and rows that a whole block works on.
SHAPES = [(1, 1), (300, 3), (70, 33), (9, 1500)]


@pytest.fixture(params=[None, 1, 64], ids=["launcher's", "1", "64"])
def ops(request):
    """CupyOps, with blocks of the launcher's size, and of others."""
    return type("Sized", (EmulatedCupyOps,), {"_cuda": Emulator(request.param)})()


def normal(shape, dtype, seed=0):
    return numpy.random.default_rng(seed).normal(size=shape).astype(dtype)


def check(ops, name, *args, kernels=(), **options):
    """The method gives what the reference gives in float64, and has launched the kernels."""
    wide = [a.astype("float64") if getattr(a, "dtype", None) in DTYPES else a for a in args]
    found, wanted = getattr(ops, name)(*args, **options), getattr(Ops(), name)(*wide, **options)
    dtype = next(a.dtype.name for a in args if getattr(a, "dtype", None) in DTYPES)
    assert_close(found, wanted, dtype, factor=8, error=1e-6 if dtype != "float64" else 1e-12)
    assert {expression.split("::")[2].partition("<")[0] for expression in ops._cuda.launched} >= set(kernels)
    return found


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", DTYPES)
def test_rows(ops, shape, dtype):
    X, dY = normal(shape, dtype), normal(shape, dtype, 1)
    Y = check(ops, "softmax", X, temperature=0.5, kernels=["softmax"])
    check(ops, "backprop_softmax", Y, dY, temperature=0.5, kernels=["backprop_softmax"])


@pytest.mark.parametrize("shape", SHAPES[1:], ids=str)
@pytest.mark.parametrize("dtype", DTYPES)
def test_layernorm(ops, shape, dtype):
    X, dY, (G, b) = normal(shape, dtype), normal(shape, dtype, 1), normal((2, shape[1]), dtype, 2)
    Y, mu, s = check(ops, "layernorm", X, G, b, kernels=["layernorm"])
    check(ops, "backprop_layernorm", dY, X, mu, s, G, kernels=["backprop_layernorm", "sum_columns"])


@pytest.mark.parametrize("size", [1, 1023, 5000])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("start", [0, 1])
def test_packs_and_the_rest(ops, size, dtype, start):
    # From the second number on the memory has not the alignment of a pack.
    X, dY = normal(size + start, dtype)[start:], normal(size + start, dtype, 1)[start:]
    check(ops, "swish", X, kernels=["forward"])
    check(ops, "backprop_mish", dY, X, kernels=["backward"])


@pytest.mark.parametrize("dtype", DTYPES)
def test_sequences(ops, dtype):
    lengths = numpy.array([1, 300, 2, 40], "int32")
    X, dY = normal((343, 70), dtype), normal((4, 70), dtype, 1)
    check(ops, "reduce_mean", X, lengths, kernels=["reduce_sum"])
    check(ops, "backprop_reduce_mean", dY, lengths, kernels=["backprop_reduce_sum"])
    _, which = check(ops, "reduce_max", X, lengths, kernels=["reduce_max"])
    check(ops, "backprop_reduce_max", dY, which, lengths, kernels=["backprop_reduce_max"])
    Y = check(ops, "softmax_sequences", X, lengths, kernels=["softmax"])
    check(ops, "backprop_softmax_sequences", X, Y, lengths, kernels=["backprop_softmax"])
    columns = check(ops, "seq2col", X, 2, lengths=lengths, kernels=["seq2col"])
    check(ops, "backprop_seq2col", columns, 2, lengths=lengths, kernels=["backprop_seq2col"])


def test_lengths_of_other_dtypes_and_none_at_all(ops):
    X = normal((5, 2), "float32")
    check(ops, "reduce_sum", X, numpy.array([2, 3]), kernels=["reduce_sum"])
    check(ops, "reduce_sum", X, numpy.array([2, 0, 3], "uint8"))
    assert ops.reduce_sum(X[:0], numpy.zeros(0, "int32")).shape == (0, 2)


def test_the_first_nan_wins(ops):
    X = normal((4, 6, 5), "float32")
    X[1, 2, 3] = X[1, 2, 4] = X[0, 0, 0] = numpy.nan
    best, which = ops.maxout(X)
    assert which.tolist() == X.argmax(axis=-1).tolist()
    assert numpy.isnan(best).sum() == 2


def test_strided_columns_of_ids_are_read_in_place(ops):
    table, ids = normal((50, 3), "float32"), numpy.arange(600, dtype="uint64").reshape(200, 3)[:, 1]
    Y, rows = ops.hash_embed(table, ids, 7)
    wanted_Y, wanted_rows = Ops().hash_embed(table, ids, 7)
    numpy.testing.assert_array_equal(rows, wanted_rows)
    numpy.testing.assert_allclose(Y, wanted_Y, rtol=1e-6, atol=1e-6)
    assert "thinc::lookup::hash_rows" in ops._cuda.launched


def test_masks_are_those_of_the_cpu(ops):
    fix_random_seed(3)
    ours = ops.get_dropout_mask((70, 41), 0.3)
    fix_random_seed(3)
    wanted = NumpyOps().get_dropout_mask((70, 41), 0.3)
    assert "thinc::dropout::mask" in ops._cuda.launched
    if _accelerate.kernels is not None:  # the reference draws other numbers
        numpy.testing.assert_array_equal(ours, wanted)
