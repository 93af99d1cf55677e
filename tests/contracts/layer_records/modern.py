"""Records of attention, GRU, convolution, normalization over the batch, and gates."""

import numpy

from thinc import api
from thinc.errors import ContainerError
from thinc.types import Padded, Ragged

from ..layer import Layer, rows
from .containers import padded
from .dense import MISTAKES, affine, empty, sigma, softmax
from .sequence import no_sequences, ragged


def listed(rng):
    return [rng.normal(size=(n, 4)) for n in (2, 0, 3)]


def pair(rng):
    return ragged(rng), Ragged(rng.normal(size=(6, 4)), numpy.array([1, 3, 2], "int32"))


def triple(rng):
    X, M = pair(rng)
    return X, M, Ragged(rng.normal(size=(6, 4)), M.lengths.copy())


def each(change):
    """An oracle that changes every sequence on its own, in any container."""

    def oracle(model, X):
        if isinstance(X, Ragged):
            parts = numpy.split(X.data, numpy.cumsum(X.lengths)[:-1])
            changed = [change(model, part) for part in parts]
            return Ragged(numpy.concatenate(changed), numpy.array([len(part) for part in changed], "int32"))
        if isinstance(X, Padded):
            data = numpy.zeros((*X.data.shape[:2], model.get_dim("nO")))
            for i, n in enumerate(X.lengths):
                data[:n, i] = change(model, X.data[:n, i])
            return Padded(data, X.size_at_t, X.lengths, X.indices)
        return [change(model, part) for part in X] if isinstance(X, list) else change(model, X)

    return oracle


def in_containers(name, make, change, **options):
    """One record for each container."""
    batches = {"ragged": ragged, "padded": padded, "list": listed}
    nothing = {"ragged": no_sequences, "list": lambda rng: [numpy.zeros((0, 4))] * 2}
    registered, bad = options.pop("registered"), options.pop("bad", ())
    return [
        Layer(name, make, batch, each(change), registered, empty=nothing.get(kind), note=kind, bad=bad, factor=64.0, **options)
        for kind, batch in batches.items()
    ]  # fmt: skip


def attention(n_heads, is_causal=False):
    def attend(model, X, M=None, N=None):
        M = X if M is None else M
        N = M if N is None else N
        Q, K, V = (
            (Z @ model.get_param(f"W{c}").T + model.get_param(f"b{c}")) for c, Z in (("q", X), ("k", M), ("v", N))
        )
        mixed = numpy.zeros(Q.shape)
        size = Q.shape[1] // n_heads
        for head in range(n_heads):
            at = slice(head * size, (head + 1) * size)
            for t in range(len(X)):
                seen = slice(0, t + 1 if is_causal else len(M))
                weights = softmax(K[seen, at] @ Q[t, at] / numpy.sqrt(size))
                mixed[t, at] = weights @ V[seen, at]
        return mixed @ model.get_param("Wo").T + model.get_param("bo")

    return attend


def cross(model, X):
    parts = [numpy.split(Z.data, numpy.cumsum(Z.lengths)[:-1]) for Z in X]
    return Ragged(numpy.concatenate([attention(2)(model, *group) for group in zip(*parts)]), X[0].lengths)


def gru(model, X):
    def run(suffix, X):
        Wx, Wh, bx, bh = (model.get_param(kind + suffix) for kind in ("Wx", "Wh", "bx", "bh"))
        nH, states = Wh.shape[1], []
        h = numpy.zeros(nH)
        for x in X:
            a, b = Wx @ x + bx, Wh @ h + bh
            r, z = (sigma(a[i * nH : (i + 1) * nH] + b[i * nH : (i + 1) * nH]) for i in (0, 1))
            h = (1 - z) * numpy.tanh(a[2 * nH :] + r * b[2 * nH :]) + z * h
            states.append(h)
        return numpy.array(states).reshape((len(X), nH))

    for level in range(model.get_dim("depth")):
        ways = [run(f"_{level}", X)]
        if model.get_dim("dirs") == 2:
            ways.append(run(f"_{level}_reverse", X[::-1])[::-1])
        X = numpy.concatenate(ways, axis=1)
    return X


def convolved(stride, padding):
    def convolve(model, X):
        nK, nI = model.get_dim("nK"), model.get_dim("nI")
        W = model.get_param("W").reshape((-1, nK, nI))
        border = numpy.zeros((padding, nI))
        X = numpy.concatenate([border, X, border]) if len(X) else X
        starts = range(0, len(X) - nK + 1, stride)
        Y = [sum(W[:, k] @ X[t + k] for k in range(nK)) + model.get_param("b") for t in starts]
        return numpy.array(Y).reshape((len(Y), len(W)))

    return convolve


def batchnorm(model, X):
    G, b, mean, variance = (model.get_param(name) for name in ("G", "b", "mean", "variance"))
    return (X - mean) / numpy.sqrt(variance + 1e-5) * G + b


def rmsnorm(model, X):
    return X / numpy.sqrt((X * X).mean(axis=1, keepdims=True) + 1e-8) * model.get_param("G")


def gated(gate):
    def oracle(model, X):
        A, B = numpy.split(affine(model, X), 2, axis=1)
        return A * gate(B)

    return oracle


def transformer(model, X):
    """One block, norm first; the nodes stand in the order in which they run."""
    norm1, core, norm2, wide, narrow, last = [n for n in model.walk(order="dfs_pre") if n.param_names]

    def norm(node, X):
        deviation = X - X.mean(axis=1, keepdims=True)
        return deviation / numpy.sqrt((deviation**2).mean(axis=1, keepdims=True) + 1e-8) * node.get_param(
            "G"
        ) + node.get_param("b")

    X = X + attention(2)(core, norm(norm1, X))
    X = X + affine(narrow, numpy.maximum(affine(wide, norm(norm2, X)), 0))
    return norm(last, X)


STRINGS = ((["a"], ContainerError, "got list"),)

RECORDS = [
    *in_containers("MultiHeadAttention", lambda: api.MultiHeadAttention(n_heads=2), attention(2),
                   registered=("MultiHeadAttention.v1",), bad=STRINGS),
    Layer("MultiHeadAttention", lambda: api.MultiHeadAttention(4, n_heads=4, is_causal=True), ragged,
          each(attention(4, True)), empty=no_sequences, note="causal", factor=64.0),
    Layer("MultiHeadAttention", lambda: api.MultiHeadAttention(6, n_heads=2), pair, cross, note="cross", factor=64.0),
    Layer("MultiHeadAttention", lambda: api.MultiHeadAttention(6, n_heads=2), triple, cross, note="values", factor=64.0),
    *in_containers("GRU", lambda: api.GRU(4, bi=True, depth=2), gru, registered=("GRU.v1",)),
    *in_containers("Conv1d", lambda: api.Conv1d(4), convolved(1, 1), registered=("Conv1d.v1",), bad=STRINGS),
    Layer("Conv1d", lambda: api.Conv1d(3, kernel_size=2, stride=2, padding=0), ragged, each(convolved(2, 0)),
          empty=no_sequences, note="strided", factor=64.0),
    # Frozen, so that training and prediction are one; training is compared with torch in tests/layers.
    *in_containers("BatchNorm", lambda: api.BatchNorm().freeze("*.mean").freeze("*.variance"), batchnorm,
                   registered=("BatchNorm.v1",), ignore=("mean", "variance"), positive=("variance",), bad=STRINGS),
    Layer("RMSNorm", api.RMSNorm, rows(5, 4), rmsnorm, ("RMSNorm.v1",), empty=empty),
    Layer("GLU", lambda: api.GLU(3), rows(5, 4), gated(sigma), ("GLU.v1",), Y=rows(5, 3), empty=empty, bad=MISTAKES, error=1e-8),
    Layer("SwiGLU", lambda: api.SwiGLU(3), rows(5, 4), gated(lambda B: B * sigma(B)), ("SwiGLU.v1",), Y=rows(5, 3),
          empty=empty, bad=MISTAKES, error=1e-8),
    Layer("TransformerEncoder", lambda: api.TransformerEncoder(4, n_heads=2, nF=6, dropout=0.0), ragged, each(transformer),
          ("TransformerEncoder.v1",), empty=no_sequences, factor=256.0),
]  # fmt: skip
