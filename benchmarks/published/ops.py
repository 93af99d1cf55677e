"""Cases of the operations, over random arrays of several dtypes and layouts."""

# ruff: noqa: B023 (each function is called before its loop goes on)

import itertools

import numpy

from thinc.api import NumpyOps, Ops

from . import activations
from .recording import ROUNDS, floats, integers, layouts, lengths_of, record, rng

DTYPES = ("float16", "float32", "float64")


def run():
    for number in ROUNDS:
        activations.run(number)
        pieces(number)
        reductions(number)
        windows(number)
        products(number)
        lookups(number)
        sequences(number)
        updates(number)
        batches(number)
        recurrent(number)
    containers_of_numbers()
    mistakes()


def pieces(number):
    for dtype, ops in itertools.product(DTYPES, (NumpyOps(), Ops())):
        X = floats(6, 4, 1 + number, number=number, dtype=dtype)
        X[0, 0] = 1.5  # a tie
        end = f"{ops.name}, {dtype}, {number}"
        record(f"ops.maxout({end})", lambda: ops.maxout(X))
        which = X.argmax(axis=2).astype("i")
        record(f"ops.backprop_maxout({end})", lambda: ops.backprop_maxout(X[..., 0].copy(), which, X.shape[2]))
    record("ops.maxout(empty)", lambda: NumpyOps().maxout(numpy.zeros((0, 4, 3), "f")))


def reductions(number):
    for dtype, ops, least in itertools.product(DTYPES, (NumpyOps(), Ops()), (0, 1)):
        X = floats(9, 5, number=number, dtype=dtype)
        lengths = lengths_of(9, number, least)
        end = f"{ops.name}, {dtype}, {lengths.tolist()}"
        for name in ("sum", "mean", "max", "first", "last"):
            record(f"ops.reduce_{name}({end})", lambda: getattr(ops, f"reduce_{name}")(X, lengths))
        dY = floats(len(lengths), 5, number=number + 3, dtype=dtype)
        for name in ("sum", "mean"):
            record(f"ops.backprop_reduce_{name}({end})", lambda: getattr(ops, f"backprop_reduce_{name}")(dY, lengths))
        if least:
            which = numpy.array([integers(n, 5, number=number) for n in lengths], "i")
            record(f"ops.backprop_reduce_max({end})", lambda: ops.backprop_reduce_max(dY, which, lengths))
            ends = numpy.array([0, *lengths.cumsum()], "i")
            record(f"ops.backprop_reduce_first({end})", lambda: ops.backprop_reduce_first(dY, ends))
            record(f"ops.backprop_reduce_last({end})", lambda: ops.backprop_reduce_last(dY, ends[1:] - 1))
    ops, none = NumpyOps(), numpy.zeros(0, "i")
    for name, shape in itertools.product(("sum", "mean", "max", "first", "last"), ((0, 5), (0, 0))):
        record(
            f"ops.reduce_{name}(empty, {shape})", lambda: getattr(ops, f"reduce_{name}")(numpy.zeros(shape, "f"), none)
        )


def windows(number):
    ops = NumpyOps()
    for dtype, nW, sizes in itertools.product(("float32", "float64"), (0, 1, 2, 4), (None, lengths_of(7, number))):
        X, dY = floats(7, 6, number=number, dtype=dtype), floats(7, 6 * (2 * nW + 1), number=number, dtype=dtype)
        end = f"{nW}, {None if sizes is None else sizes.tolist()}, {dtype}, {number}"
        record(f"ops.seq2col({end})", lambda: ops.seq2col(X, nW, lengths=sizes))
        record(f"ops.backprop_seq2col({end})", lambda: ops.backprop_seq2col(dY, nW, lengths=sizes))
    for lengths in ([], [0], [0, 0]):
        sizes = numpy.array(lengths, "i")
        record(f"ops.seq2col(empty, {lengths})", lambda: ops.seq2col(numpy.zeros((0, 3), "f"), 1, lengths=sizes))


def products(number):
    sizes = ((7, 12, 5), (1, 3, 1), (40, 33, 65))[number]
    for dtype, (a, b), ops in itertools.product(
        ("float32", "float64"), itertools.product((False, True), repeat=2), (NumpyOps(), Ops())
    ):
        n, k, m = sizes
        X = floats(*((k, n) if a else (n, k)), number=number, dtype=dtype)
        W = floats(*((m, k) if b else (k, m)), number=number + 3, dtype=dtype)
        end = f"{a}, {b}, {ops.name}, {dtype}, {number}"
        record(f"ops.gemm({end})", lambda: ops.gemm(X, W, trans1=a, trans2=b))
        record(f"ops.gemm(out, {end})", lambda: ops.gemm(X, W, out=numpy.ones((n, m), dtype), trans1=a, trans2=b))
        if b and not a:
            record(f"ops.affine({end})", lambda: ops.affine(X, W, floats(m, dtype=dtype)))
    ops, X, W = NumpyOps(), floats(7, 12), floats(5, 12)
    if number == 0:
        for kind, laid_out in layouts(X).items():
            record(f"ops.gemm({kind})", lambda: ops.gemm(laid_out, W, trans2=True))
            record(f"ops.affine({kind})", lambda: ops.affine(laid_out, W, floats(5)))
        for n, k, m in ((0, 3, 2), (3, 0, 2), (3, 2, 0)):
            record(f"ops.gemm(empty {n}, {k}, {m})", lambda: ops.gemm(floats(n, k), floats(k, m)))
    record(f"ops.tile({number})", lambda: ops.tile(X, number + 1))


def lookups(number):
    ids = rng(number).integers(0, 2**63, 50, dtype="uint64") * numpy.uint64(2)
    for seed, ops in itertools.product((0, 1, 7, 2**31, 2**32 - 1), (NumpyOps(), Ops())):
        record(f"ops.hash({seed}, {ops.name}, {number})", lambda: ops.hash(ids, seed))
    for n, ops in itertools.product((-1, 0, 1, 2, 3, 9, 50, 51), (NumpyOps(), Ops())):
        record(f"ops.ngrams({n}, {ops.name}, {number})", lambda: ops.ngrams(n, ids))
    for dtype, ops in itertools.product(DTYPES, (NumpyOps(), Ops())):
        table, values = floats(7, 12, number=number, dtype=dtype), floats(5, 12, number=number + 2, dtype=dtype)
        indices = integers(7, 5, 4, number=number)
        end = f"{ops.name}, {dtype}, {number}"
        record(f"ops.gather_add({end})", lambda: ops.gather_add(table, indices))

        def scatter():
            changed = table.copy()
            ops.scatter_add(changed, indices[:, 0].copy(), values)
            return changed

        record(f"ops.scatter_add({end})", scatter)
    for N, D, period in itertools.product((1, 6), (1, 2, 5, 8), (10000, 100)):
        record(f"ops.position_encode({N}, {D}, {period})", lambda: NumpyOps().position_encode(N, D, period))
    out = numpy.zeros((3, 4), "f")
    record("ops.position_encode(out)", lambda: NumpyOps().position_encode(3, 4, out=out))


def sequences(number):
    ops, counts = NumpyOps(), ((3, 1, 5), (0, 2, 2, 0), (4,))[number]
    for dtype in ("float32", "float64", "int32"):
        seqs = [floats(n, 4, number=n, dtype=dtype) for n in counts]
        end = f"{counts}, {dtype}"
        for pad in (0, 1, 2):
            record(f"ops.flatten({pad}, {end})", lambda: ops.flatten(seqs, pad=pad))
            lengths = numpy.array(counts, "i")
            record(f"ops.unflatten({pad}, {end})", lambda: ops.unflatten(ops.flatten(seqs, pad=pad), lengths, pad=pad))
        record(f"ops.flatten(to float64, {end})", lambda: ops.flatten(seqs, dtype="float64"))
        for round_to in (1, 4):
            record(f"ops.pad({round_to}, {end})", lambda: ops.pad(seqs, round_to=round_to))
        record(f"ops.unpad({end})", lambda: ops.unpad(ops.pad(seqs), counts))
        record(f"ops.list2padded({end})", lambda: ops.list2padded(seqs))
        record(f"ops.padded2list({end})", lambda: ops.padded2list(ops.list2padded(seqs)))
        record(f"ops.insert_into({end})", lambda: ops.insert_into((len(counts), 6, 4), seqs))
    for ndim in (1, 2, 3):
        record(f"ops.flatten(none, {ndim})", lambda: ops.flatten([], ndim_if_empty=ndim))
    record("ops.flatten(all empty)", lambda: ops.flatten([numpy.zeros((0, 3), "f")] * 2))
    record("ops.list2padded(none)", lambda: ops.list2padded([]))
    record("ops.list2padded(all empty)", lambda: ops.list2padded([numpy.zeros((0, 3), "f")] * 2))


def updates(number):
    def adam(ops, mod_rate):
        W, dW, m1, m2 = floats(9, number=number), floats(9, number=7) / 5, floats(9) * 0, floats(9) * 0
        for _ in range(3):
            W, dW, m1, m2 = ops.adam(W, dW + 0.1, m1, m2, 0.9, 0.999, 1e-8, 0.01, mod_rate)
        return W, dW, m1, m2

    for ops in (NumpyOps(), Ops()):
        record(f"ops.adam({ops.name}, {number})", lambda: adam(ops, 1.0))
        for threshold in (0.1, 1.0, 1000.0):
            record(
                f"ops.clip_gradient({threshold}, {ops.name}, {number})",
                lambda: ops.clip_gradient(floats(9, number=number), threshold),
            )

        def averages(t, *limit):
            ema = floats(9, number=number)
            ops.update_averages(ema, floats(9, number=number + 1), t, *limit)
            return ema

        for t in (1, 5, 10**7):
            record(f"ops.update_averages({t}, {ops.name}, {number})", lambda: averages(t))
            record(f"ops.update_averages({t}, 0.5, {ops.name}, {number})", lambda: averages(t, 0.5))
        for rate in (None, 0, -1, 1, 1.5):
            record(f"ops.get_dropout_mask({rate}, {ops.name})", lambda: ops.get_dropout_mask((3, 4), rate))


def batches(number):
    ops = NumpyOps()
    kinds = {"list": list(range(11)), "tuple": tuple(range(11)), "array": floats(11, 3, number=number)}
    for (kind, items), shuffle, buffer in itertools.product(kinds.items(), (False, True), (1, 3)):
        end = f"{kind}, {shuffle}, {buffer}, {number}"
        for size in (1, 4, 11, 20):
            record(
                f"ops.minibatch({size}, {end})",
                lambda: list(ops.minibatch(size, items, shuffle=shuffle, buffer=buffer)),
            )
        grow = lambda: iter([1, 2, 4, 8, 16])  # noqa: E731
        record(f"ops.minibatch(growing, {end})", lambda: list(ops.minibatch(grow(), items, shuffle=shuffle)))
        record(
            f"ops.multibatch({end})",
            lambda: list(ops.multibatch(4, items, kinds["list"], shuffle=shuffle, buffer=buffer)),
        )
        record(f"ops.minibatch(length, {end})", lambda: len(ops.minibatch(3, items)))


def recurrent(number):
    ops = NumpyOps()
    for nL, nD, dtype in itertools.product((1, 2), (1, 2), ("float32", "float64")):
        sizes, nI, nH = numpy.array([3, 2, 2, 1], "i"), 3, 2
        count = sum(nD * 4 * nH * (w + nH + 2) for w in [nI] + [nD * nH] * (nL - 1))
        params, X = floats(count, number=number, scale=0.5, dtype=dtype), floats(8, nI, number=number, dtype=dtype)
        first = numpy.zeros((nL, nD, nH), dtype)
        end = f"{nL}, {nD}, {dtype}, {number}"
        arguments = params, first, first.copy(), X, sizes
        record(f"ops.lstm_forward_inference({end})", lambda: ops.lstm_forward_inference(*arguments))
        record(f"ops.lstm_forward_training({end})", lambda: ops.lstm_forward_training(*arguments)[0])
        record(f"ops.lstm gates and cells({end})", lambda: ops.lstm_forward_training(*arguments)[1][1:3])

        def back():
            Y, state = ops.lstm_forward_training(*arguments)
            return ops.backprop_lstm(Y, sizes, params, state)

        record(f"ops.backprop_lstm({end})", back)


def containers_of_numbers():
    for ops in (NumpyOps(), Ops()):
        for d, kind in itertools.product((1, 2, 3, 4), "fi"):
            shape = (2, 3, 1, 2)[:d]
            X = numpy.arange(numpy.prod(shape)).reshape(shape)
            end = f"{ops.name}, {d}{kind}"
            record(f"ops.alloc{d}{kind}({end})", lambda: getattr(ops, f"alloc{d}{kind}")(*shape))
            record(f"ops.alloc_{kind}({end})", lambda: getattr(ops, f"alloc_{kind}")(shape))
            record(f"ops.asarray{d}{kind}({end})", lambda: getattr(ops, f"asarray{d}{kind}")(X.tolist()))
            record(f"ops.asarray_{kind}({end})", lambda: getattr(ops, f"asarray_{kind}")(X.tolist()))
            record(f"ops.reshape{d}{kind}({end})", lambda: getattr(ops, f"reshape{d}{kind}")(X.ravel(), *shape))
            record(f"ops.reshape{d}({end})", lambda: getattr(ops, f"reshape{d}")(X.ravel(), *shape))
            record(f"ops.reshape({end})", lambda: ops.reshape(X.ravel(), shape))
            record(f"ops.reshape_{kind}({end})", lambda: getattr(ops, f"reshape_{kind}")(X.ravel(), shape))
        for data in ([1, 2], [1.5], [[1, 2], [3, 4]], (1, 2.5), 3, [True]):
            record(f"ops.asarray({ops.name}, {data})", lambda: ops.asarray(data))
            record(f"ops.asarray(float16, {ops.name}, {data})", lambda: ops.asarray(data, dtype="float16"))
        record(f"ops.asarray({ops.name}, large)", lambda: ops.asarray([2**64 - 1, 2**63], dtype="uint64"))
        record(f"ops.alloc({ops.name}, uint64)", lambda: ops.alloc1f(5, dtype="uint64"))
        for order in (None, "<", ">", "="):
            record(f"ops.to_numpy({ops.name}, {order})", lambda: ops.to_numpy(floats(3), byte_order=order))
        record(f"ops.as_contig({ops.name})", lambda: ops.as_contig(floats(3, 4).T, dtype="float64"))


def mistakes():
    """Both must refuse these, with an error of the same type or one derived from it."""
    ops, X, two = NumpyOps(), floats(4, 3), numpy.array([2, 2], "i")
    wrong = {
        "gather_add": lambda: ops.gather_add(X, numpy.array([[9]], "i")),
        "backprop_maxout": lambda: ops.backprop_maxout(X, numpy.full((4, 3), 2, "i"), 2),
        "backprop_reduce_max rows": lambda: ops.backprop_reduce_max(X[:2], numpy.full((2, 3), 2, "i"), two),
        "backprop_reduce_max length": lambda: ops.backprop_reduce_max(X[:2], numpy.zeros((2, 3), "i"), two * 0),
        "adam": lambda: ops.adam(X[0], X[:, 0].copy(), X[0], X[0], 0.9, 0.9, 1e-8, 0.1),
        "pad": lambda: ops.pad([X], round_to=0),
        "pad mixed": lambda: ops.pad([X, X[0]]),
        "pad dtypes": lambda: ops.pad([X, X.astype("d")]),
        "pad none": lambda: ops.pad([]),
        "gemm": lambda: ops.gemm(X, X),
        "gemm 3-d": lambda: ops.gemm(X[None], X),
        "hash": lambda: ops.hash(numpy.zeros((2, 2), "uint64"), 0),
        "minibatch": lambda: ops.minibatch(2, iter([1])),
        "minibatch True": lambda: ops.minibatch(2, True),
        "seq2col lengths": lambda: ops.seq2col(X, 1, lengths=two * 3),
        "seq2col negative": lambda: ops.seq2col(X, 1, lengths=two * -1),
        "softmax_sequences": lambda: ops.softmax_sequences(X[None], two),
        "to_numpy": lambda: ops.to_numpy([1, 2]),
        "position_encode": lambda: ops.position_encode(2, 4, out=numpy.zeros((4, 2), "f")),
    }
    for name in ("relu", "sigmoid"):
        wrong[f"backprop_{name}"] = lambda name=name: getattr(ops, f"backprop_{name}")(X, X[:2])
    for name in activations.FORWARD[1:]:
        third = (X[:2],) if name == "swish" else ()
        wrong[f"backprop_{name}"] = lambda name=name, third=third: getattr(ops, f"backprop_{name}")(X, X[:2], *third)
    for name, (why, lengths) in itertools.product(
        ("sum", "mean", "max", "first", "last"), {"many": [2, 9], "negative": [-1, 5]}.items()
    ):
        sizes = numpy.array(lengths, "i")
        wrong[f"reduce_{name} {why}"] = lambda name=name, sizes=sizes: getattr(ops, f"reduce_{name}")(X, sizes)
    for name in ("max", "first", "last"):
        sizes = numpy.array([0, 4], "i")
        wrong[f"reduce_{name} zero"] = lambda name=name, sizes=sizes: getattr(ops, f"reduce_{name}")(X, sizes)
    for name in ("sum", "mean"):
        wrong[f"backprop_reduce_{name}"] = lambda name=name: getattr(ops, f"backprop_reduce_{name}")(X[:2], two * -1)
    for name, call in wrong.items():
        record(f"mistake: ops.{name}", call)
