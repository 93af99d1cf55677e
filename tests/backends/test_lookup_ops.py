"""Hashes, gather and scatter, position codes."""

import itertools

import numpy
import pytest

from thinc.backends import NumpyOps, Ops
from thinc.backends.lookup.murmur import mm3_32, murmur3_32

ops = NumpyOps()
U = lambda *ids: numpy.array(ids, dtype="uint64")  # noqa: E731


@pytest.mark.parametrize(
    "key,seed,row",
    [
        (0, 0, [3428303819, 685728695, 3303603794, 4065689084]),
        (1, 0, [4211459146, 4457399, 3547175942, 1032506804]),
        (2, 0, [1819721896, 3725074592, 1401649061, 3845513878]),
        (0, 1, [3846663968, 1931907607, 1730726412, 4059709384]),
        (0, 42, [742298947, 1129028350, 3709755849, 132847662]),
    ],
)
def test_hash_bits(key, seed, row):
    keys = ops.hash(U(key), seed)
    assert keys.dtype == "uint32" and keys.tolist() == [row]


def test_hash_of_nothing_and_of_wrong_input():
    assert ops.hash(U(), 0).shape == (0, 4)
    with pytest.raises(ValueError):
        ops.hash(U(1).reshape(1, 1), 0)
    with pytest.raises(TypeError):
        ops.hash(numpy.zeros(2, "int32"), 0)


def test_ngrams_bits():
    assert ops.ngrams(1, U(1, 2, 3)).tolist() == [
        10357027354812746030,
        14362838344389764114,
        5173830478357570162,
    ]
    assert ops.ngrams(2, U(1, 2, 3)).tolist() == [2346165840139155392, 16863871380863422640]
    assert ops.ngrams(3, U(1, 2, 3, 4)).tolist() == [3968991871514447549, 7617889641228870909]


@pytest.mark.parametrize("n,keys", [(0, U(1)), (-1, U(1)), (2, U(1)), (1, U())])
def test_ngrams_of_too_few_keys(n, keys):
    got = ops.ngrams(n, keys)
    assert got.shape == (0,) and got.dtype == "uint64"


def test_mm3_32_bits_agree_with_the_bytes_version():
    keys = U(0, 1, 2, 12345678901234567890)
    assert mm3_32(keys, 0).tolist() == [1669671676, 1392991556, 3323962100, 3549359617]
    assert mm3_32(keys, 1).tolist() == [3935659133, 3741873941, 4172908620, 3428782415]
    for seed in (0, 1):
        by_bytes = [murmur3_32(int(k).to_bytes(8, "little"), seed) for k in keys]
        assert mm3_32(keys, seed).tolist() == by_bytes


def test_murmur3_32_tail():
    assert murmur3_32(b"", 0) == 0 and murmur3_32(b"", 1) == 0x514E28B7
    assert murmur3_32(b"hello", 0) == 0x248BFA47


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_gather_add(dtype):
    table = numpy.arange(8, dtype=dtype).reshape(4, 2)
    table.flags.writeable = False
    Y = ops.gather_add(table, numpy.array([[0, 1], [3, 3]], "int32"))
    assert Y.dtype == dtype and Y.tolist() == [[2, 4], [12, 14]]
    assert ops.gather_add(table, numpy.zeros((0, 4), "int32")).shape == (0, 2)


@pytest.mark.parametrize("index", [4, 5, -1])
def test_gather_add_checks_bounds(index):
    with pytest.raises(IndexError):
        ops.gather_add(numpy.zeros((4, 2), "f"), numpy.array([[index]], "int32"))


def test_scatter_add():
    table = numpy.zeros((3, 2), "f")
    ops.scatter_add(table, numpy.array([0, 0, -1], "int32"), numpy.ones((3, 2), "f"))
    assert table.tolist() == [[2, 2], [0, 0], [1, 1]]
    for index in (3, -4):
        with pytest.raises(IndexError):
            ops.scatter_add(table, numpy.array([index], "int32"), numpy.ones((1, 2), "f"))


def test_position_encode():
    four, five = ops.position_encode(2, 4), ops.position_encode(2, 5)
    assert numpy.allclose(four[1], [0.841471, 0.540302, 1e-4, 1.0], atol=1e-6)
    assert numpy.allclose(five[1], [0.841471, 0.540302, 0.000631, 1.0, 0.000631], atol=1e-6)
    assert numpy.allclose(ops.position_encode(3, 1)[:, 0], numpy.sin([0, 1, 2]))
    with pytest.raises(AssertionError):
        ops.position_encode(2, 4, out=numpy.zeros((4, 2), "f"))


def test_large_ids_hash_in_any_integer_dtype_and_stride():
    keys = numpy.array([[0, 9], [2**63 + 5, 9], [7, 9]], "uint64")
    table = numpy.random.default_rng(0).normal(size=(1000, 33)).astype("f")
    Y, rows = ops.hash_embed(table, keys[:, 0], 3)
    assert (rows == ops.hash(keys[:, 0].copy(), 3) % 1000).all()
    numpy.testing.assert_allclose(Y, table[rows].sum(axis=1), atol=1e-6)
    for dtype in ("int32", "int64", "uint8"):
        small = numpy.array([5, 1, 5], dtype)
        assert (ops.hash_embed(table, small, 3)[1] == ops.hash(small.astype("uint64"), 3) % 1000).all()


def test_positions_far_out_are_still_exact():
    Y = ops.position_encode(30_000, 6)
    true = numpy.sin(numpy.arange(30_000) / 10000.0 ** (4 / 6))
    assert abs(Y[:, 2] - true).max() <= 1e-7


@pytest.mark.parametrize("ops", [Ops(), NumpyOps()])
@pytest.mark.parametrize("shared", [False, True])
def test_sparse_sums_are_rounded_feature_by_feature_hash_by_hash(ops, shared):
    random = numpy.random.default_rng(0)
    keys = random.integers(0, 2**63, 300, dtype="uint64")
    values, W = random.normal(size=300).astype("f"), random.normal(size=3 * 64).astype("f")
    b = random.normal(size=3).astype("f")
    hashes = [mm3_32(keys, seed) for seed in (0, 1)]

    expected = b.copy()
    for i, c in itertools.product(range(300), range(3)):
        for h in (int(hashes[0][i]), int(hashes[1][i])):
            expected[c] += values[i] * W[(h & 63) + c if shared else h % 64 + c * 64]

    Y = ops.sparse_affine(W, b, keys, values, numpy.array([300], dtype="i"), 64, shared)

    assert numpy.array_equal(Y[0], expected)


@pytest.mark.parametrize("ops", [Ops(), NumpyOps()])
@pytest.mark.parametrize("shared", [False, True])
def test_sparse_gradients_are_rounded_feature_by_feature_class_by_class(ops, shared):
    random = numpy.random.default_rng(0)
    keys = random.integers(0, 2**63, 300, dtype="uint64")
    values, dY = random.normal(size=300).astype("f"), random.normal(size=(1, 3)).astype("f")
    hashes = [mm3_32(keys, seed) for seed in (0, 1)]

    expected = numpy.zeros(3 * 64, "f")
    for i, c in itertools.product(range(300), range(3)):
        for h in (int(hashes[0][i]), int(hashes[1][i])):
            expected[(h & 63) + c if shared else h % 64 + c * 64] += values[i] * dY[0, c]

    dW = numpy.zeros(3 * 64, "f")
    ops.backprop_sparse_affine(dY, keys, values, numpy.array([300], dtype="i"), 64, shared, dW)

    assert numpy.array_equal(dW, expected)


@pytest.mark.parametrize("ops", [Ops(), NumpyOps()])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("nV", [5, 40, 10_000])  # many values for each row, some, hardly any
def test_hashed_gradients_are_rounded_hash_by_hash(ops, dtype, nV):
    random = numpy.random.default_rng(0)
    rows, dY = random.integers(0, nV, (30, 4)).astype("i"), random.normal(size=(30, 17)).astype(dtype)

    expected = numpy.zeros((nV, 17), dtype)
    for k, i in itertools.product(range(4), range(30)):
        expected[rows[i, k]] += dY[i]

    dE = numpy.zeros((nV, 17), dtype)
    ops.backprop_hash_embed(dY, rows, dE)

    assert numpy.array_equal(dE, expected)
