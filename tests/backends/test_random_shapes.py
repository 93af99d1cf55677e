"""Kernels and reference agree on batches of random shapes, dtypes and memory layouts."""

import numpy
import pytest

from thinc.backends import NumpyOps, Ops

ops, reference = NumpyOps(), Ops()
ROUNDS = 40
UNARY = (
    "relu sigmoid swish mish gelu gelu_approx dish hard_swish hard_swish_mobilenet erf sechsq dsigmoid dtanh softmax"
)
BINARY = "relu sigmoid mish gelu gelu_approx dish hard_swish hard_swish_mobilenet hard_tanh relu_k"


class Draw:
    """Random sizes, dtypes and layouts."""

    def __init__(self, seed):
        self.rng = numpy.random.default_rng(seed)
        self.dtype = self.rng.choice(["float32", "float64"])

    def size(self, most=70, least=0):
        return int(self.rng.integers(least, most + 1))

    def floats(self, *shape):
        X = (self.rng.normal(size=shape) * 3).astype(self.dtype)
        return self.laid_out(X)

    def laid_out(self, X):
        kind = self.rng.integers(4)
        if kind == 1 and X.ndim:
            return numpy.repeat(X, 2, axis=-1)[..., ::2]
        if kind == 2:
            return numpy.asfortranarray(X)
        if kind == 3 and X.ndim and len(X):
            return numpy.concatenate([X, X])[len(X) :]  # not where a new array would begin
        return X

    def lengths(self, least=0):
        return self.rng.integers(least, 9, size=self.size(12, least=1)).astype("int32")


def agree(name, *args, **options):
    kernel, plain = (getattr(each, name)(*args, **options) for each in (ops, reference))
    for one, two in zip(*(x if isinstance(x, (tuple, list)) else (x,) for x in (kernel, plain)), strict=True):
        assert one.shape == two.shape and one.dtype == two.dtype
        rtol = 2e-5 if one.dtype == "float32" else 1e-6  # the reference's erf is good for 1.5e-7
        numpy.testing.assert_allclose(one, two, rtol=rtol, atol=rtol)
    return kernel


rounds = pytest.mark.parametrize("seed", range(ROUNDS))


@rounds
def test_elementwise(seed):
    draw = Draw(seed)
    shape = tuple(draw.size(40) for _ in range(draw.rng.integers(1, 4)))
    X, dY = draw.floats(*shape), draw.floats(*shape)
    for name in UNARY.split():
        agree(name, X)
    for name in BINARY.split():
        agree("backprop_" + name, dY, X)
    agree("backprop_swish", dY, X, ops.swish(X))
    agree("clipped_linear", X, -0.5, 0.1, -1.0, 2.0)
    agree("backprop_softmax", ops.softmax(X), dY)


@rounds
def test_pieces(seed):
    draw = Draw(seed)
    n, w, P = draw.size(), draw.size(), draw.size(11, least=1)
    _, which = agree("maxout", draw.floats(n, w, P))
    agree("backprop_maxout", draw.floats(n, w), which, P)


@rounds
def test_reductions(seed):
    draw = Draw(seed)
    lengths, w = draw.lengths(), draw.size()
    X, dY = draw.floats(int(lengths.sum()), w), draw.floats(len(lengths), w)
    for name in ("reduce_sum", "reduce_mean"):
        agree(name, X, lengths)
        agree("backprop_" + name, dY, lengths)
    Y = agree("softmax_sequences", X, lengths)
    agree("backprop_softmax_sequences", X, Y, lengths)
    lengths = draw.lengths(least=1)
    X, dY = draw.floats(int(lengths.sum()), w), draw.floats(len(lengths), w)
    _, which = agree("reduce_max", X, lengths)
    agree("backprop_reduce_max", dY, which, lengths)
    for name in ("reduce_first", "reduce_last"):
        _, rows = agree(name, X, lengths)
        agree("backprop_" + name, dY, rows)


@rounds
def test_windows_and_lists(seed):
    draw = Draw(seed)
    lengths, w, nW = draw.lengths(), draw.size(), draw.size(4)
    n = int(lengths.sum())
    X, dY = draw.floats(n, w), draw.floats(n, w * (2 * nW + 1))
    for more in ({}, {"lengths": lengths}):
        agree("seq2col", X, nW, **more)
        agree("backprop_seq2col", dY, nW, **more)
    seqs = agree("unflatten", X, lengths, pad=draw.size(2))
    agree("flatten", seqs, pad=draw.size(2))
    agree("pad", seqs, draw.size(5, least=1))


@rounds
def test_tables(seed):
    draw = Draw(seed)
    nV, w, n, K = draw.size(least=1), draw.size(), draw.size(), draw.size(6)
    table, rows = draw.floats(nV, w), draw.rng.integers(0, nV, (n, K)).astype("int32")
    ids = draw.laid_out(draw.rng.integers(0, 2**63, n, dtype="uint64"))
    agree("gather_add", table, rows)
    agree("hash", ids, seed)
    agree("ngrams", draw.size(5), ids)
    agree("hash_embed", table, ids, seed)
    values, sums = draw.floats(n, w), [numpy.zeros((nV, w), draw.dtype) for _ in range(4)]
    if K:
        ops.scatter_add(sums[0], rows[:, 0], values)
        reference.scatter_add(sums[1], rows[:, 0], values)
    ops.backprop_hash_embed(values, rows, sums[2])
    reference.backprop_hash_embed(values, rows, sums[3])
    numpy.testing.assert_allclose(sums[0], sums[1], rtol=1e-4, atol=1e-4)
    numpy.testing.assert_allclose(sums[2], sums[3], rtol=1e-4, atol=1e-4)


@rounds
def test_rows(seed):
    draw = Draw(seed)
    n, w = draw.size(), draw.size(least=2)
    X, G, b = draw.floats(n, w), numpy.ones(w, draw.dtype), numpy.zeros(w, draw.dtype)
    if n:
        _, mu, s = agree("layernorm", X, G, b)
        agree("backprop_layernorm", draw.floats(n, w), X, mu, s, G)
