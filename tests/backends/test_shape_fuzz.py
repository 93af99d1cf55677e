"""Random shapes, layouts and lengths through every compiled family, beside the reference.

`make sanitize` runs many more rounds, with address and undefined-behaviour checks in the kernels.
"""

import os

import numpy
import pytest

from thinc.backends import NumpyOps, Ops

ROUNDS = int(os.environ.get("THINC_FUZZ_ROUNDS", "25"))
FAST, PLAIN = NumpyOps(), Ops()


class Draw:
    """Random arguments of one round."""

    def __init__(self, seed):
        self.rng = numpy.random.default_rng(seed)
        self.dtype = self.rng.choice(["float32", "float64"])

    def size(self, most=70):
        """Often at a border: 0, 1, or about a multiple of the vectors' width."""
        borders = [0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64, 65]
        n = int(self.rng.choice(borders)) if self.rng.random() < 0.6 else int(self.rng.integers(0, most))
        return min(n, most)

    def array(self, *shape):
        """Normal numbers in one of four layouts."""
        X = self.rng.normal(size=shape).astype(self.dtype)
        layout = self.rng.integers(0, 4)
        if layout == 1:
            return numpy.asfortranarray(X)
        if layout == 2 and X.ndim:
            return X.repeat(2, axis=-1)[..., ::2]
        return X[::-1] if layout == 3 and X.ndim else X

    def dense(self, *shape):
        return self.rng.normal(size=shape).astype(self.dtype)

    def ints(self, high, *shape):
        return self.rng.integers(0, high, shape).astype("int32")

    def lengths(self, rows):
        """int32 with the sum `rows`, some 0."""
        cuts = numpy.sort(self.rng.integers(0, rows + 1, self.size(6)))
        return numpy.diff(numpy.concatenate([[0], cuts, [rows]])).astype("int32")


def gemm(d):
    n, k, m = d.size(), d.size(500), d.size()
    options = {"trans1": bool(d.ints(2)), "trans2": bool(d.ints(2))}
    x = d.array(*((k, n) if options["trans1"] else (n, k)))
    y = d.array(*((m, k) if options["trans2"] else (k, m)))
    return "gemm", (x, y), options


def activated_affine(d):
    n, nO, nI = d.size(), d.size(), d.size()
    name = str(d.rng.choice(["relu", "mish", "gelu", "swish", "sigmoid", "hard_swish"]))
    return "activated_affine", (d.array(n, nI), d.array(nO, nI), d.array(nO), name, bool(d.ints(2))), {}


def backprop_affine(d):
    n, nO, nI = d.size(), d.size(), d.size()
    return "backprop_affine", (d.array(n, nO), d.array(n, nI), d.array(nO, nI), d.dense(nO, nI), d.dense(nO)), {}


def maxout_affine(d):
    n, nO, nP, nI = d.size(), d.size(), 1 + d.size(4), d.size()
    return "maxout_affine", (d.array(n, nI), d.array(nO, nP, nI), d.array(nO, nP)), {}


def predict_maxout(d):
    n, nO, nP, nI = d.size(300), d.size(60), 1 + d.size(4), d.size()
    few = d.array(1 + d.size(20), nI)
    return "predict_maxout", (few[d.ints(len(few), n)], d.array(nO, nP, nI), d.array(nO, nP)), {}


def backprop_maxout_affine(d):
    n, nO, nP, nI = d.size(), d.size(), 1 + d.size(4), d.size()
    args = (d.array(n, nO), d.ints(nP, n, nO), d.array(n, nI), d.array(nO, nP, nI))
    return "backprop_maxout_affine", (*args, d.dense(nO, nP, nI), d.dense(nO, nP)), {}


def encode_windows(d):
    n, w, nP, nW = d.size(200), 1 + d.size(), 1 + d.size(4), int(d.ints(3))
    args = (d.array(n, w), d.array(w, nP, w * (2 * nW + 1)), d.array(w, nP), d.array(w), d.array(w))
    return "encode_windows", (*args, nW), {}


def elementwise(d):
    name = str(d.rng.choice(["relu", "mish", "gelu", "swish", "sigmoid", "dish", "gelu_approx", "erf"]))
    return name, (d.array(d.size(), d.size()),), {}


def backprop_elementwise(d):
    shape = (d.size(), d.size())
    name = str(d.rng.choice(["relu", "mish", "gelu", "dish", "gelu_approx", "hard_swish"]))
    return "backprop_" + name, (d.array(*shape), d.array(*shape)), {}


def softmax(d):
    return "softmax", (d.array(d.size(), 1 + d.size()),), {}


def maxout(d):
    return "maxout", (d.array(d.size(), d.size(), 1 + d.size(5)),), {}


def reduction(d):
    rows = d.size(200)
    name = str(d.rng.choice(["reduce_sum", "reduce_mean"]))
    return name, (d.array(rows, 1 + d.size()), d.lengths(rows)), {}


def seq2col(d):
    rows = d.size(100)
    return "seq2col", (d.array(rows, 1 + d.size()), int(1 + d.ints(3))), {"lengths": d.lengths(rows)}


def backprop_seq2col(d):
    rows, nW = d.size(100), int(1 + d.ints(3))
    return "backprop_seq2col", (d.array(rows, (1 + d.size(30)) * (2 * nW + 1)), nW), {"lengths": d.lengths(rows)}


def layernorm(d):
    width = 1 + d.size()
    return "layernorm", (d.array(d.size(), width), d.array(width), d.array(width)), {}


def gather_add(d):
    rows = 1 + d.size()
    return "gather_add", (d.array(rows, d.size()), d.ints(rows, d.size(), 1 + d.size(5))), {}


def scatter_add(d):
    rows, n, width = 1 + d.size(), d.size(), d.size()
    return "scatter_add", (d.dense(rows, width), d.ints(rows, n), d.array(n, width)), {}


def lstm(d):
    nL, nD, nH, nI = 1 + int(d.ints(2)), 1 + int(d.ints(2)), 1 + d.size(40), 1 + d.size(40)
    sizes = numpy.sort(d.rng.integers(1, 20, 1 + d.size(6)))[::-1].astype("int32")
    widths = [nI] + [nD * nH] * (nL - 1)
    params = d.dense(sum(nD * 4 * nH * (width + nH + 2) for width in widths)) / 10
    return (
        "lstm_forward_inference",
        (params, d.dense(nL, nD, nH), d.dense(nL, nD, nH), d.array(sizes.sum(), nI), sizes),
        {},
    )


FAMILIES = [
    gemm, activated_affine, backprop_affine, maxout_affine, backprop_maxout_affine, encode_windows,
    predict_maxout,    elementwise, backprop_elementwise, softmax, maxout, reduction, seq2col, backprop_seq2col, layernorm, gather_add,
    scatter_add, lstm,
]  # fmt: skip


def arrays(value):
    if isinstance(value, tuple):
        return [array for part in value for array in arrays(part)]
    return [] if value is None or isinstance(value, (str, bool, int)) else [value]


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.__name__)
def test_random_shapes_give_what_the_reference_gives(family):
    for seed in range(ROUNDS):
        results = []
        for ops in (FAST, PLAIN):
            d = Draw(seed)
            name, args, options = family(d)
            results.append(arrays((getattr(ops, name)(*args, **options), *args)))
        epsilon = numpy.finfo(d.dtype).eps
        for ours, theirs in zip(*results, strict=True):
            assert ours.shape == theirs.shape and ours.dtype == theirs.dtype, (name, seed)
            slack = 4000 * epsilon if d.dtype == "float32" else 3e-7  # the two have other formulas of erf
            numpy.testing.assert_allclose(ours, theirs, rtol=slack, atol=slack, err_msg=f"{name}, seed {seed}")
