"""Print how many times faster every operation is than that of the published library, in turn.

Two workers run the published library, so that the spread of A/A stands beside each ratio. The limit of
an operation is what a copy of as many bytes as it reads and writes takes; of a product, what its
additions and multiplications take at the speed of a large one of NumPy's.
"""

import math
import os
import re
import sys

import numpy

try:
    from thinc.api import NumpyOps
except ImportError:  # the interpreter that only prints
    NumpyOps = None

ACTIVATIONS = "relu sigmoid swish mish gelu gelu_approx dish hard_swish hard_swish_mobilenet hard_sigmoid hard_tanh relu_k clipped_linear".split()
LIMIT, PEAK, PEAK_SIZE = "limit-of-", "peak", 768
SHAPES = [(10, 96), (1000, 96), (1000, 288)]


def some(*shape, seed=0):
    return numpy.random.default_rng(seed).normal(size=shape).astype("float32")


def activation_cases(ops):
    for n, w in SHAPES:
        X, dY = some(n, w), some(n, w, seed=1)
        for name in ACTIVATIONS:
            forward, backward = getattr(ops, name), getattr(ops, "backprop_" + name)
            yield f"{name}-{n}x{w}", lambda f=forward, X=X: f(X)
            if name == "swish":
                Y = ops.swish(X)
                yield f"backprop_{name}-{n}x{w}", lambda f=backward, X=X, Y=Y, dY=dY: f(dY, X, Y)
            elif name in ("relu", "sigmoid"):
                Y = forward(X)
                yield f"backprop_{name}-{n}x{w}", lambda f=backward, Y=Y, dY=dY: f(dY, Y)
            else:
                yield f"backprop_{name}-{n}x{w}", lambda f=backward, X=X, dY=dY: f(dY, X)
        for name in ("dsigmoid", "dtanh", "erf", "sechsq"):
            yield f"{name}-{n}x{w}", lambda f=getattr(ops, name), X=X: f(X)


def row_cases(ops):
    for n, w in ((10, 96), (1000, 10), (1000, 50), (5000, 96), (1000, 768)):
        X, dY = some(n, w), some(n, w, seed=1)
        Y = ops.softmax(X)
        yield f"softmax-{n}x{w}", lambda X=X: ops.softmax(X)
        yield f"backprop_softmax-{n}x{w}", lambda Y=Y, dY=dY: ops.backprop_softmax(Y, dY)
    for n, w, P in ((10, 96, 3), (1000, 96, 2), (1000, 96, 3), (1000, 96, 4), (1000, 768, 3), (200, 96, 5)):
        X, dY = some(n, w, P), some(n, w, seed=1)
        which = ops.maxout(X)[1]
        yield f"maxout-{n}x{w}x{P}", lambda X=X: ops.maxout(X)
        yield f"backprop_maxout-{n}x{w}x{P}", lambda dY=dY, which=which, P=P: ops.backprop_maxout(dY, which, P)


def sequence_cases(ops):
    for B, w in ((1, 96), (50, 96), (500, 96), (50, 300)):
        lengths = numpy.random.default_rng(0).integers(1, 20, B).astype("int32")
        n = int(lengths.sum())
        X, dX = some(n, w), some(B, w)
        size = f"{B}x{w}"
        for name in ("reduce_sum", "reduce_mean"):
            yield f"{name}-{size}", lambda f=getattr(ops, name), X=X, L=lengths: f(X, L)
            back = getattr(ops, "backprop_" + name)
            yield f"backprop_{name}-{size}", lambda f=back, d=dX, L=lengths: f(d, L)
        which = ops.reduce_max(X, lengths)[1]
        yield f"reduce_max-{size}", lambda X=X, L=lengths: ops.reduce_max(X, L)
        yield f"backprop_reduce_max-{size}", lambda d=dX, w=which, L=lengths: ops.backprop_reduce_max(d, w, L)
        for name in ("reduce_first", "reduce_last"):
            rows = getattr(ops, name)(X, lengths)[1]
            yield f"{name}-{size}", lambda f=getattr(ops, name), X=X, L=lengths: f(X, L)
            back = getattr(ops, "backprop_" + name)
            yield f"backprop_{name}-{size}", lambda f=back, d=dX, rows=rows: f(d, rows)
        Y = ops.softmax_sequences(X, lengths)
        yield f"softmax_sequences-{size}", lambda X=X, L=lengths: ops.softmax_sequences(X, L)
        back = ops.backprop_softmax_sequences
        yield f"backprop_softmax_sequences-{size}", lambda d=X, Y=Y, L=lengths, f=back: f(d, Y, L)
        cols = ops.seq2col(X, 1)
        yield f"seq2col-{size}", lambda X=X: ops.seq2col(X, 1)
        yield f"backprop_seq2col-{size}", lambda d=cols: ops.backprop_seq2col(d, 1)
        yield f"seq2col_lengths-{size}", lambda X=X, L=lengths: ops.seq2col(X, 1, lengths=L)
        yield f"backprop_seq2col_lengths-{size}", lambda d=cols, L=lengths: ops.backprop_seq2col(d, 1, lengths=L)
        seqs = ops.unflatten(X, lengths)
        padded = ops.list2padded(seqs)
        yield f"flatten-{size}", lambda s=seqs: ops.flatten(s)
        yield f"flatten_pad-{size}", lambda s=seqs: ops.flatten(s, pad=1)
        yield f"unflatten-{size}", lambda X=X, L=lengths: ops.unflatten(X, L)
        yield f"pad-{size}", lambda s=seqs: ops.pad(s)
        yield f"list2padded-{size}", lambda s=seqs: ops.list2padded(s)
        yield f"padded2list-{size}", lambda p=padded: ops.padded2list(p)


def lookup_cases(ops):
    E = some(5000, 96)
    for n in (10, 1000, 5000):
        ids = numpy.random.default_rng(0).integers(0, 2**40, n).astype("uint64")
        rows = (ops.hash(ids, 1) % 5000).astype("int32")
        column, values = rows[:, 0].copy(), some(n, 96)
        yield f"hash-{n}", lambda ids=ids: ops.hash(ids, 1)
        yield f"ngrams-{n}", lambda ids=ids: ops.ngrams(3, ids)
        yield f"gather_add-{n}", lambda rows=rows: ops.gather_add(E, rows)
        yield f"scatter_add-{n}", lambda c=column, v=values, t=E.copy(): ops.scatter_add(t, c, v)
    for n, d in ((10, 96), (512, 96)):
        yield f"position_encode-{n}x{d}", lambda n=n, d=d: ops.position_encode(n, d)


def training_cases(ops):
    for n in (960, 96000, 480000):
        weights, gradient, mom1, mom2 = some(n), some(n, seed=1), some(n) * 0, some(n) * 0
        rates = (0.9, 0.999, 1e-8, 1e-6)
        yield f"adam-{n}", lambda a=(weights, gradient, mom1, mom2, *rates): ops.adam(*a)
        yield f"clip_gradient-{n}", lambda g=some(n): ops.clip_gradient(g, 1e9)
        yield f"update_averages-{n}", lambda e=some(n), w=weights: ops.update_averages(e, w, 10)
    for n, w in ((10, 96), (1000, 96)):
        yield f"dropout_mask-{n}x{w}", lambda s=(n, w): ops.get_dropout_mask(s, 0.1)
        p = ops.sigmoid(some(n, w))
        yield f"logloss-{n}x{w}", lambda p=p: ops.logloss(p, p)
    items = list(range(10000))
    yield "minibatch-10000", lambda: sum(map(len, ops.minibatch(32, items)))
    yield "minibatch_shuffle-10000", lambda: sum(map(len, ops.minibatch(32, items, shuffle=True)))
    array = some(10000, 8)
    yield "minibatch_array-10000", lambda: sum(map(len, ops.minibatch(32, array)))
    yield "multibatch-10000", lambda: sum(map(len, ops.multibatch(32, items, items)))


def array_cases(ops):
    X = some(100, 96)
    yield "alloc2f", lambda: ops.alloc2f(10, 96)
    yield "asarray", lambda: ops.asarray(X)
    yield "reshape", lambda: ops.reshape2f(X, 96, 100)
    yield "as_contig", lambda: ops.as_contig(X)


def linear_cases(ops):
    for m, n, k in ((1, 96, 96), (10, 288, 288), (1000, 288, 288), (128, 512, 784), (1000, 50, 96)):
        X, W, b = some(m, k), some(n, k), some(n)
        yield f"gemm-{m}x{n}x{k}", lambda X=X, W=W: ops.gemm(X, W, trans2=True)
        yield f"affine-{m}x{n}x{k}", lambda X=X, W=W, b=b: ops.affine(X, W, b)


def lstm_cases(ops):
    n, nO, nI = 300, 64, 64
    X = some(n, nI)
    sizes = numpy.full(20, 15, "int32")
    params = some(4 * nO * nI + 4 * nO + 4 * nO * nO + 4 * nO) * 0.1
    H0 = C0 = numpy.zeros((1, 1, nO), "float32")
    yield "lstm_inference-300x64", lambda: ops.lstm_forward_inference(params, H0, C0, X, sizes)


GROUPS = [
    activation_cases, row_cases, sequence_cases, lookup_cases, training_cases, array_cases, linear_cases, lstm_cases,
]  # fmt: skip


def cases(side):
    """name -> function without arguments that prepares the case."""
    ops = NumpyOps()
    found = {}
    for group in GROUPS:
        for name, function in group(ops):
            found[name] = lambda f=function: f
    found.update({LIMIT + name: lambda make=make: copy_of(make()) for name, make in found.items()})
    found[PEAK] = lambda X=some(PEAK_SIZE, PEAK_SIZE): lambda: X @ X
    return found


def arrays_in(value):
    if isinstance(value, numpy.ndarray):
        return [value]
    return [array for part in value for array in arrays_in(part)] if isinstance(value, (list, tuple)) else []


def copy_of(function):
    """Copies half of the bytes that the arguments and results of a case have: it reads and writes as many."""
    arrays = {id(array): array for array in arrays_in([*(function.__defaults__ or ()), function()])}
    source = numpy.ones(sum(array.nbytes for array in arrays.values()) // 2, "uint8")
    target = numpy.empty_like(source)
    return lambda: numpy.copyto(target, source)


def limit_of(workers, turns, name, peak):
    """Microseconds that the processor and its memory can't do without."""
    size = re.fullmatch(r"(?:gemm|affine)-(\d+)x(\d+)x(\d+)", name)
    if size:
        return 1e6 * 2 * math.prod(map(int, size.groups())) / peak
    times = turns.compare({"ours": workers["ours"]}, LIMIT + name, 5)["ours"]
    return 1e6 * sorted(times)[len(times) // 2]


def main():
    sys.path.insert(0, os.path.dirname(__file__))
    import turns

    arguments = turns.options(__doc__).parse_args()
    ours_path = os.environ.get("PYTHONPATH")
    workers = {
        "published": turns.Worker(__file__, arguments.published),
        "ours": turns.Worker(__file__, path=ours_path),
        "again": turns.Worker(__file__, arguments.published),
    }
    ratios, spreads = {}, []
    peak = 2 * PEAK_SIZE**3 / min(turns.compare({"ours": workers["ours"]}, PEAK, 5)["ours"])
    for name in cases("names"):
        if arguments.only not in name or name == PEAK or name.startswith(LIMIT):
            continue
        samples = turns.compare(workers, name, arguments.pairs)
        found, low, high = turns.ratio(samples, "published", "ours")
        same, same_low, same_high = turns.ratio(samples, "published", "again")
        ratios[name] = found, low, high
        spreads.append(same)
        micro = {side: 1e6 * sorted(times)[len(times) // 2] for side, times in samples.items()}
        print(
            f"{name:36} {micro['published']:9.2f} us -> {micro['ours']:8.2f} us  {found:6.2f} times "
            f"({low:.2f} to {high:.2f})  A/A {same:.2f} ({same_low:.2f} to {same_high:.2f})  "
            f"limit {limit_of(workers, turns, name, peak):.2f} us",
            flush=True,
        )
    for worker in workers.values():
        worker.close()
    medians = [found for found, _, _ in ratios.values()]
    print(f"{len(medians)} operations, geometric mean {turns.geometric_mean(medians):.2f} times")
    print(f"A/A: {min(spreads):.2f} to {max(spreads):.2f}, geometric mean {turns.geometric_mean(spreads):.3f}")
    slower = {name: found for name, (found, _, high) in ratios.items() if high < 1}
    print(f"slower: {', '.join(f'{name} {found:.2f}' for name, found in slower.items()) or 'none'}")


if __name__ == "__main__":
    main()
