"""What benchmarks/gpu.py measures: every CUDA kernel through its operation, and torch's own operation beside it.

The plain CuPy expression is the reference of the same operation, which knows no kernels.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy

LENGTH = 16  # rows of each sequence
PIECES = 4  # of maxout


class Case(NamedTuple):
    """One operation.

    moved: how many numbers of 4 bytes it has to read and write, if each is touched once.
    run: Ops -> result.  torch: () -> the same result, or None where torch has no such operation.
    """

    name: str
    moved: float
    run: Callable[[Any], Any]
    torch: Callable[[], Any] | None = None


class Data:
    """Arrays of (rows, width) random numbers on the device, and the same memory as tensors."""

    def __init__(self, torch, ops, n, width):
        self.torch, self.ops, self.n, self.width, self.rng = torch, ops, n, width, numpy.random.default_rng(0)
        self.rows = n // width

    def floats(self, *shape):
        return self.ops.asarray(self.rng.standard_normal(shape or (self.rows, self.width), dtype="f"))

    def ints(self, high, *shape):
        return self.ops.asarray(self.rng.integers(0, high, shape, dtype="int32"))

    def tensor(self, array):
        return self.torch.from_dlpack(array)

    def pair(self, *shape):
        array = self.floats(*shape)
        return array, self.tensor(array)


def cases(torch, ops, n, width=1024):
    """All cases with arrays of n numbers."""
    data = Data(torch, ops, n, width)
    for family in (elementwise, rows, products, sequences, steps, tables, sparse, training):
        yield from family(data)


def elementwise(data):
    n, torch, F, aten = data.n, data.torch, data.torch.nn.functional, data.torch.ops.aten
    (X, T), (dY, dT) = data.pair(), data.pair()
    Y = data.ops.swish(X)
    yield Case("relu", 2 * n, lambda ops: ops.relu(X), lambda: F.relu(T))
    yield Case("sigmoid", 2 * n, lambda ops: ops.sigmoid(X), lambda: torch.sigmoid(T))
    yield Case("gelu", 2 * n, lambda ops: ops.gelu(X), lambda: F.gelu(T))
    yield Case("mish", 2 * n, lambda ops: ops.mish(X), lambda: F.mish(T))
    yield Case("swish", 2 * n, lambda ops: ops.swish(X), lambda: F.silu(T))
    yield Case("backprop_gelu", 3 * n, lambda ops: ops.backprop_gelu(dY, X), lambda: aten.gelu_backward(dT, T))
    yield Case("backprop_mish", 3 * n, lambda ops: ops.backprop_mish(dY, X), lambda: aten.mish_backward(dT, T))
    yield Case("backprop_swish", 4 * n, lambda ops: ops.backprop_swish(dY, X, Y), lambda: aten.silu_backward(dT, T))
    # Masks are drawn anew each time: only how long it takes can be compared.
    drawn = Case("get_dropout_mask", n, lambda ops: ops.get_dropout_mask(X.shape, 0.5))
    yield drawn._replace(torch=lambda: torch.empty_like(T).bernoulli_(0.5).mul_(2.0))


def rows(data):
    n, (N, w), torch, ops = data.n, (data.rows, data.width), data.torch, data.ops
    (X, T), (dY, dT), (G, TG), (b, Tb) = data.pair(), data.pair(), data.pair(w), data.pair(w)
    aten, F, kind = torch.ops.aten, torch.nn.functional, torch.float32
    Y, (_, mu, s) = ops.softmax(X), ops.layernorm(X, G, b)
    TY, mean, inverse = data.tensor(Y), data.tensor(mu).view(N, 1), data.tensor(s).view(N, 1)
    yield Case("softmax", 2 * n, lambda ops: ops.softmax(X), lambda: F.softmax(T, -1))
    yield Case(
        "backprop_softmax", 3 * n, lambda ops: ops.backprop_softmax(Y, dY),
        lambda: aten._softmax_backward_data(dT, TY, -1, kind),
    )  # fmt: skip
    yield Case(
        "layernorm", 2 * n, lambda ops: ops.layernorm(X, G, b, 1e-5)[0], lambda: F.layer_norm(T, (w,), TG, Tb, 1e-5)
    )
    yield Case(
        "backprop_layernorm", 5 * n, lambda ops: ops.backprop_layernorm(dY, X, mu, s, G),
        lambda: aten.native_layer_norm_backward(dT, T, (w,), mean, inverse, TG, Tb, (True, True, True)),
    )  # fmt: skip
    pieces = X.reshape((N, w // PIECES, PIECES))
    T_pieces, (best, which) = T.view(N, w // PIECES, PIECES), ops.maxout(pieces)
    T_which, T_best = data.tensor(which).long().unsqueeze(-1), data.tensor(best)
    yield Case("maxout", n + 2 * n / PIECES, lambda ops: ops.maxout(pieces)[0], lambda: T_pieces.max(-1)[0])
    yield Case(
        "backprop_maxout", n + 2 * n / PIECES, lambda ops: ops.backprop_maxout(best, which, PIECES),
        lambda: torch.zeros_like(T_pieces).scatter_(-1, T_which, T_best.unsqueeze(-1)),
    )  # fmt: skip


def products(data):
    """Bias and activation after a product with few inputs, which costs little more than its output."""
    n, (N, w), F = data.n, (data.rows, data.width), data.torch.nn.functional
    (X, T), (W, TW), (b, Tb) = data.pair(N, 8), data.pair(w, 8), data.pair(w)
    W3, b2 = W.reshape((w // PIECES, PIECES, 8)), b.reshape((w // PIECES, PIECES))
    yield Case("affine", 3 * n, lambda ops: ops.affine(X, W, b), lambda: F.linear(T, TW, Tb))
    yield Case(
        "activated_affine", 3 * n, lambda ops: ops.activated_affine(X, W, b, "gelu", False)[0],
        lambda: F.gelu(F.linear(T, TW, Tb)),
    )  # fmt: skip
    yield Case(
        "maxout_affine", 2 * n + 2 * n / PIECES, lambda ops: ops.maxout_affine(X, W3, b2)[0],
        lambda: F.linear(T, TW, Tb).view(N, w // PIECES, PIECES).max(-1)[0],
    )  # fmt: skip


def sequences(data):
    n, (N, w), torch, ops = data.n, (data.rows, data.width), data.torch, data.ops
    nB, small = N // LENGTH, n / LENGTH
    lengths, T_lengths = ops.asarray1i([LENGTH] * nB), torch.full((nB,), LENGTH)
    (X, T), (d, dT), (cols, T_cols) = data.pair(nB * LENGTH, w), data.pair(nB, w), data.pair(N // 3, 3 * w)
    T_lengths, nothing = T_lengths.to(T.device), T.new_zeros(1, w)
    cube, d_rows = T.view(nB, LENGTH, w), data.floats(nB * LENGTH, w)
    d_cube, (_, which) = data.tensor(d_rows).view(nB, LENGTH, w), ops.reduce_max(X, lengths)
    Y, T_which = ops.softmax_sequences(X, lengths), data.tensor(which).long().unsqueeze(1)
    TY, aten = data.tensor(Y).view(nB, LENGTH, w), torch.ops.aten
    for name, kind in (("sum", "sum"), ("mean", "mean"), ("max", "max")):
        yield Case(
            f"reduce_{name}", n + small * (1 + (name == "max")),
            lambda ops, name=name: first(getattr(ops, f"reduce_{name}")(X, lengths)),
            lambda kind=kind: torch.segment_reduce(T, kind, lengths=T_lengths, axis=0),
        )  # fmt: skip
    yield Case(
        "backprop_reduce_sum", n + small, lambda ops: ops.backprop_reduce_sum(d, lengths),
        lambda: torch.repeat_interleave(dT, T_lengths, 0, output_size=nB * LENGTH),
    )  # fmt: skip
    yield Case(
        "backprop_reduce_max", n + 2 * small, lambda ops: ops.backprop_reduce_max(d, which, lengths),
        lambda: torch.zeros_like(cube).scatter_(1, T_which, dT.unsqueeze(1)).view_as(T),
    )  # fmt: skip
    yield Case(
        "softmax_sequences", 2 * n, lambda ops: ops.softmax_sequences(X, lengths), lambda: cube.softmax(1).view_as(T)
    )
    yield Case(
        "backprop_softmax_sequences", 3 * n, lambda ops: ops.backprop_softmax_sequences(d_rows, Y, lengths),
        lambda: aten._softmax_backward_data(d_cube, TY, 1, torch.float32).view_as(T),
    )  # fmt: skip
    yield Case(
        "seq2col", 4 * n, lambda ops: ops.seq2col(X, 1),
        lambda: torch.cat([torch.cat([nothing, T[:-1]]), T, torch.cat([T[1:], nothing])], 1),
    )  # fmt: skip
    left, middle, right = T_cols.split(w, 1)
    yield Case(
        "backprop_seq2col", 4 * n / 3, lambda ops: ops.backprop_seq2col(cols, 1),
        lambda: middle + torch.cat([left[1:], nothing]) + torch.cat([nothing, right[:-1]]),
    )  # fmt: skip
    few = max(1, nB // 64)  # sequences of one list: each has an address of its own
    parts = [X[i * (nB // few) * LENGTH : (i + 1) * (nB // few) * LENGTH] for i in range(few)]
    T_parts = [data.tensor(part) for part in parts]
    yield Case(
        "pad", 2 * n, lambda ops: ops.pad(parts), lambda: torch.nn.utils.rnn.pad_sequence(T_parts, batch_first=True)
    )


def steps(data):
    """One step of an LSTM, whose products are not counted."""
    torch, nH = data.torch, data.width // 4
    N, k = data.rows, data.rows * data.width // 4
    (R, TR), (G, TG), (c, Tc), (dH, dT) = (
        data.pair(N, 4 * nH),
        data.pair(N, 4 * nH),
        data.pair(N, nH),
        data.pair(N, nH),
    )
    h, C, H, dh, dc, C_prev = (data.floats(N, nH) for _ in range(6))
    dA, gates = data.floats(N, 4 * nH), data.ops.sigmoid(G)
    fused = backward = None
    if TR.is_cuda:  # torch has no such operations for the CPU
        _, cy, space = torch._thnn_fused_lstm_cell(TR, TG, Tc)
        back = torch.ops.aten._thnn_fused_lstm_cell_backward_impl
        fused, backward = lambda: torch._thnn_fused_lstm_cell(TR, TG, Tc), lambda: back(dT, dT, Tc, cy, space, False)
    yield Case("lstm cell", 17 * k, lambda ops: ops._lstm_cell(R, c, h, G, C, H), fused)
    arrays = (dH, dh, dc, gates, C, C_prev, dA)
    yield Case("lstm cell, backward", 14 * k, lambda ops: ops._backprop_lstm_cell(*arrays), backward)


def tables(data):
    n, (N, w), torch = data.n, (data.rows, data.width // 8), data.torch
    N = 8 * N
    (table, T), (dY, dT), indices = data.pair(5000, w), data.pair(N, w), data.ints(5000, N, 4)
    one, unknown = data.ops.as_contig(indices[:, 0]), indices.copy()
    rows_of, column, F = data.tensor(indices).long(), data.tensor(one).long(), torch.nn.functional
    ids = data.ops.asarray(data.rng.integers(0, 1 << 60, N, dtype="uint64"))
    many = data.ops.asarray(data.rng.integers(0, 1 << 60, n // 6, dtype="uint64"))
    sums, T_sums = data.pair(5000, w)
    for name, rows_ in (("gather_add", indices), ("gather_add, checked on the device", unknown)):
        yield Case(
            name, 5 * n + 4 * N, lambda ops, rows_=rows_: ops.gather_add(table, rows_),
            lambda: F.embedding_bag(rows_of, T, mode="sum"),
        )  # fmt: skip
    yield Case(
        "scatter_add", 3 * n + N, lambda ops: ops.scatter_add(sums, one, dY), lambda: T_sums.index_add_(0, column, dT)
    )
    yield Case("hash", len(many) * 6, lambda ops: ops.hash(many, 1))
    yield Case("ngrams", len(many) * 4, lambda ops: ops.ngrams(3, many))
    yield Case("hash_embed", 5 * n + 6 * N, lambda ops: ops.hash_embed(table, ids, 1)[0])
    yield Case("backprop_hash_embed", 9 * n + 4 * N, lambda ops: ops.backprop_hash_embed(dY, indices, sums))
    yield Case("position_encode", n, lambda ops: ops.position_encode(N, w))


def sparse(data):
    """128 features in each text, and 8 classes."""
    nB, nO, length = max(1, data.n // 1024), 8, 1 << 14
    keys = data.ops.asarray(data.rng.integers(0, 1 << 60, nB * 128, dtype="uint64"))
    values, W, b, dY = data.floats(nB * 128), data.floats(nO * length), data.floats(nO), data.floats(nB, nO)
    lengths, dW = data.ops.asarray1i([128] * nB), data.floats(nO * length)
    shape, moved = (lengths, length, False), len(keys) * (3 + 2 * nO)
    yield Case("sparse_affine", moved, lambda ops: ops.sparse_affine(W, b, keys, values, *shape))
    yield Case(
        "backprop_sparse_affine",
        moved + len(keys) * 2 * nO,
        lambda ops: ops.backprop_sparse_affine(dY, keys, values, *shape, dW),
    )


def training(data):
    n, torch = data.n, data.torch
    (w, T), (g, _), (m1, _), (average, T_average) = (data.pair() for _ in range(4))
    m2 = abs(data.floats())
    leaf = torch.empty_like(T).requires_grad_()
    leaf.grad = torch.ones_like(T)
    plain, clipped = (("adam", clip, 0.0, 0.0, 0.0, 0.9, 0.999, 0.001, 1e-8, 0.0) for clip in (0.0, 1.0))
    fused = torch.optim.Adam([leaf], fused=True).step
    yield Case("adam", 8 * n, lambda ops: ops.adam(w, g, m1, m2, 0.9, 0.999, 1e-8, 0.001)[0], fused)
    yield Case("step of all weights", 8 * n, lambda ops: ops._step_weights([(w, g, m1, m2, None, plain)]), fused)
    yield Case("step of all weights, clipped", 9 * n, lambda ops: ops._step_weights([(w, g, m1, m2, None, clipped)]))
    yield Case(
        "update_averages", 3 * n, lambda ops: ops.update_averages(average, w, 10**6),
        lambda: T_average.lerp_(T, 0.0001),
    )  # fmt: skip
    yield Case("clip_gradient", 3 * n, lambda ops: ops.clip_gradient(g, 1.0))


def first(result):
    """The numbers of a reduction, without the rows they came from."""
    return result[0] if isinstance(result, tuple) else result
