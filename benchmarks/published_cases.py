"""Compute the same things with whichever thinc this interpreter has, and pickle the results.

Run by compare_published.py, once in our environment and once in that of the published wheel.
Usage: published_cases.py RESULTS [OTHER]: OTHER are results whose model files are loaded here.
"""

# ruff: noqa: B023 (each function is called before its loop goes on)

import itertools
import pickle
import sys

import numpy

from thinc import api
from thinc.api import NumpyOps, Padded, Ragged

RESULTS = {}


def flat(value):
    """Every array and number in a value, in order."""
    if isinstance(value, Padded):
        value = (value.data, value.size_at_t, value.lengths, value.indices)
    if isinstance(value, Ragged):
        value = (value.data, value.lengths)
    if isinstance(value, (list, tuple)):
        return [each for part in value for each in flat(part)]
    return [numpy.asarray(value)] if isinstance(value, (numpy.ndarray, numpy.generic, int, float)) else []


def record(name, compute):
    numpy.random.seed(0)
    try:
        RESULTS[name] = flat(compute())
    except Exception as error:
        RESULTS[name] = f"{type(error).__name__}: {error!s:.60}"


def rng():
    return numpy.random.default_rng(1)


def floats(*shape):
    return (rng().normal(size=shape) * 3).astype("f")


def run_ops():
    ops, X, dY = NumpyOps(), floats(7, 12), floats(7, 12)[::-1].copy()
    lengths = numpy.array([2, 1, 4], dtype="i")
    names = (
        "relu mish gelu gelu_approx swish dish hard_swish hard_swish_mobilenet hard_sigmoid hard_tanh relu_k".split()
    )
    for name in [*names, "clipped_linear", "sigmoid", "softmax", "erf", "sechsq"]:
        record(f"ops.{name}", lambda: getattr(ops, name)(X))
    for name in names:
        third = (ops.swish(X),) if name == "swish" else ()
        first = ops.relu(X) if name == "relu" else X
        record(f"ops.backprop_{name}", lambda: getattr(ops, f"backprop_{name}")(dY, first, *third))
    Y = ops.softmax(X)
    record("ops.backprop_softmax", lambda: ops.backprop_softmax(Y, dY))
    record("ops.backprop_sigmoid", lambda: ops.backprop_sigmoid(dY, ops.sigmoid(X)))
    record("ops.softmax_sequences", lambda: ops.softmax_sequences(X, lengths))
    record("ops.maxout", lambda: ops.maxout(X.reshape(7, 4, 3)))
    record("ops.backprop_maxout", lambda: ops.backprop_maxout(dY[:, :4].copy(), ops.maxout(X.reshape(7, 4, 3))[1], 3))
    for name in "reduce_sum reduce_mean reduce_max reduce_first reduce_last".split():
        record(f"ops.{name}", lambda: getattr(ops, name)(X, lengths))
    for name in "backprop_reduce_sum backprop_reduce_mean".split():
        record(f"ops.{name}", lambda: getattr(ops, name)(dY[:3].copy(), lengths))
    for window, sizes in itertools.product((1, 2), (None, lengths)):
        record(f"ops.seq2col({window}, {sizes})", lambda: ops.seq2col(X, window, lengths=sizes))
        wide = floats(7, 12 * (2 * window + 1))
        record(f"ops.backprop_seq2col({window}, {sizes})", lambda: ops.backprop_seq2col(wide, window, lengths=sizes))
    for a, b in itertools.product((False, True), repeat=2):
        left, right = (X.T.copy() if a else X), (dY if b else dY.T.copy())
        record(f"ops.gemm({a}, {b})", lambda: ops.gemm(left, right, trans1=a, trans2=b))
    record("ops.affine", lambda: ops.affine(X, dY, floats(7)))
    record("ops.position_encode", lambda: ops.position_encode(6, 8))
    record("ops.logloss", lambda: ops.logloss(Y, Y[::-1].copy()))
    record("ops.tile", lambda: ops.tile(X, 3))
    run_lookups(ops, X)
    run_sequences(ops)
    run_updates(ops)


def run_lookups(ops, X):
    ids = rng().integers(0, 2**63, 50, dtype="uint64")
    for seed in (0, 1, 7, 2**31):
        record(f"ops.hash({seed})", lambda: ops.hash(ids, seed))
    for n in (1, 2, 3, 9, 60):
        record(f"ops.ngrams({n})", lambda: ops.ngrams(n, ids))
    indices = rng().integers(0, 7, (5, 4)).astype("i")
    record("ops.gather_add", lambda: ops.gather_add(X, indices))

    def scatter():
        table = X.copy()
        ops.scatter_add(table, indices[:, 0].copy(), floats(5, 12))
        return table

    record("ops.scatter_add", scatter)


def run_sequences(ops):
    seqs = [floats(n, 4) for n in (3, 1, 5)]
    for pad in (0, 1):
        record(f"ops.flatten({pad})", lambda: ops.flatten(seqs, pad=pad))
        record(
            f"ops.unflatten({pad})", lambda: ops.unflatten(ops.flatten(seqs, pad=pad), numpy.array([3, 1, 5]), pad=pad)
        )
    record("ops.pad", lambda: ops.pad(seqs, round_to=4))
    record("ops.list2padded", lambda: ops.list2padded(seqs))
    record("ops.padded2list", lambda: ops.padded2list(ops.list2padded(seqs)))


def run_updates(ops):
    def adam():
        W, dW, m1, m2 = floats(9), floats(9) / 5, floats(9) * 0, floats(9) * 0
        for _ in range(3):
            W, dW, m1, m2 = ops.adam(W, dW + 0.1, m1, m2, 0.9, 0.999, 1e-8, 0.01, 1.0)
        return W, m1, m2

    record("ops.adam", adam)
    record("ops.clip_gradient", lambda: ops.clip_gradient(floats(9), 1.0))

    def averages():
        ema = floats(9)
        ops.update_averages(ema, floats(9) + 1, 5)
        return ema

    record("ops.update_averages", averages)


def make_layers():
    """{name: (constructor, batch)}; the batch decides the sizes."""
    X, lengths = floats(6, 5), numpy.array([2, 4], dtype="i")
    seqs, ids = [floats(2, 5), floats(4, 5)], rng().integers(0, 50, (6, 2)).astype("uint64")
    dense = (
        "Linear Relu Mish Gelu Swish Dish HardSwish HardSwishMobilenet HardSigmoid HardTanh ReluK ClippedLinear".split()
    )
    layers = {
        name: (lambda name=name: getattr(api, name)(4, 5), X) for name in [*dense, "Maxout", "Sigmoid", "Softmax"]
    }
    layers["Softmax_v2"] = lambda: api.Softmax_v2(4, 5, temperature=2.0), X
    layers["MultiSoftmax"] = lambda: api.MultiSoftmax((1, 3), 5), X
    layers["LayerNorm"] = lambda: api.LayerNorm(5), X
    layers["Maxout-norm"] = lambda: api.Maxout(4, 5, 3, normalize=True), X
    layers["Embed"] = lambda: api.Embed(4, 50, column=1), ids.astype("i")
    layers["HashEmbed"] = lambda: api.HashEmbed(4, 50, seed=3, column=0), ids
    sparse = rng().integers(0, 2**40, 9, dtype="uint64"), abs(floats(9)), numpy.array([4, 5], dtype="i")
    layers["SparseLinear"] = lambda: api.SparseLinear(3, 64), sparse
    layers["SparseLinear_v2"] = lambda: api.SparseLinear_v2(3, 64), sparse
    layers["CauchySimilarity"] = lambda: api.CauchySimilarity(5), (X, X[::-1].copy())
    layers["LSTM"] = lambda: api.with_padded(api.LSTM(4, 5)), seqs
    layers["LSTM-bi"] = lambda: api.with_padded(api.LSTM(4, 5, bi=True, depth=2)), seqs
    ragged = Ragged(X, lengths)
    layers["ParametricAttention"] = lambda: api.ParametricAttention(5), ragged
    for name in "reduce_sum reduce_mean reduce_max reduce_first reduce_last".split():
        layers[name] = getattr(api, name), ragged
    layers["with_array"] = lambda: api.with_array(api.Relu(4, 5)), seqs
    layers["with_list"] = lambda: api.with_list(api.map_list(api.Relu(4, 5))), ragged
    layers["expand_window"] = lambda: api.chain(api.expand_window(1), api.Relu(4, 15)), X
    layers["concatenate"] = lambda: api.concatenate(api.Relu(4, 5), api.Mish(2, 5)), X
    layers["add"] = lambda: api.add(api.Relu(4, 5), api.Mish(4, 5)), X
    layers["residual"] = lambda: api.residual(api.Relu(5, 5)), X
    layers["clone"] = lambda: api.clone(api.Relu(5, 5), 3), X
    layers["tuplify"] = lambda: api.tuplify(api.Relu(4, 5), api.Mish(2, 5)), X
    layers["chain"] = lambda: api.chain(api.Maxout(8, 5), api.LayerNorm(8), api.Dropout(0.3), api.Softmax(3, 8)), X
    layers["uniqued"] = lambda: api.uniqued(api.Embed(4, 50), column=0), ids.astype("i")
    layers["list2ragged"] = lambda: api.chain(api.list2ragged(), api.reduce_mean(), api.Softmax(2, 5)), seqs
    return layers


def fill(model):
    """Weights that do not depend on any initializer; they are the same in every version.

    They must not repeat soon: with a cycle of seven a row of maxout was almost constant, and
    normalizing it made 115 times as much of the last bit of the product.
    """
    for node in model.walk():
        for name in node.param_names:
            # The published LSTM takes its two starts in the wrong order, which zeros hide.
            if node.has_param(name) and name != "HC0":
                shape = node.get_param(name).shape
                cycle = numpy.arange(numpy.prod(shape)) * 7919 % 1009
                node.set_param(name, (cycle / 504 - 1).reshape(shape).astype("f"))
    return model


def run_layers(other):
    for name, (make, X) in make_layers().items():
        record(f"start of {name}", lambda: [p for _, p in params(make().initialize(X=X))])
        record(f"output of {name}", lambda: fill(make().initialize(X=X)).predict(X))
        record(f"gradients of {name}", lambda: gradients(fill(make().initialize(X=X)), X, name))
        try:
            data = fill(make().initialize(X=X)).to_bytes()
            RESULTS[f"file of {name}"] = data
        except Exception as error:
            RESULTS[f"file of {name}"] = repr(error)
        theirs = other.get(f"file of {name}")
        if isinstance(theirs, bytes):
            record(f"output of {name}, file of the other", lambda: make().from_bytes(theirs).predict(X))


def params(model):
    for node in model.walk():
        for name in node.param_names:
            if node.has_param(name):
                yield name, node.get_param(name)


def gradients(model, X, name):
    if name == "chain":
        api.set_dropout_rate(model, 0.0)
    Y, backprop = model(X, is_train=True)
    dX = backprop(Y)
    return [dX, *(node.get_grad(n) for node in model.walk() for n in node.grad_names)]


def run_losses():
    guesses = NumpyOps().softmax(floats(6, 4))
    labels = numpy.array([0, 1, 2, 3, 0, 1], dtype="i")
    one_hot = api.to_categorical(labels, 4)
    for smoothing in (0.0, 0.1):
        record(f"to_categorical({smoothing})", lambda: api.to_categorical(labels, 4, label_smoothing=smoothing))
        for normalize in (True, False):
            loss = api.CategoricalCrossentropy(normalize=normalize, label_smoothing=smoothing)
            record(f"CategoricalCrossentropy({normalize}, {smoothing})", lambda: loss(guesses, labels))
    for normalize in (True, False):
        record(f"L2Distance({normalize})", lambda: api.L2Distance(normalize=normalize)(guesses, one_hot))
        record(f"CosineDistance({normalize})", lambda: api.CosineDistance(normalize=normalize)(guesses, one_hot))
        sequences = api.SequenceCategoricalCrossentropy(normalize=normalize)
        record(
            f"SequenceCategoricalCrossentropy({normalize})",
            lambda: sequences([guesses, guesses[:2]], [labels, labels[:2]]),
        )


def run_training():
    from thinc import initializers

    for name in sorted(n for n in dir(initializers) if n.endswith("_init") and not n.startswith("configure")):
        options = {"mean": 0.1} if name == "normal_init" else {}
        record(f"{name}", lambda: getattr(initializers, name)(NumpyOps(), (4, 5), **options))
    schedules = {
        "constant": lambda: api.constant(0.1), "decaying": lambda: api.decaying(0.1, 1e-2, t=2),
        "constant_then": lambda: api.constant_then(0.5, 5, api.decaying(0.1, 1e-2)),
        "compounding": lambda: api.compounding(1.0, 32.0, 1.3), "warmup_linear": lambda: api.warmup_linear(0.1, 5, 20),
        "slanted_triangular": lambda: api.slanted_triangular(0.1, 20), "cyclic_triangular": lambda: api.cyclic_triangular(0.1, 1.0, 7),
    }  # fmt: skip
    for name, make in schedules.items():
        record(f"schedule {name}", lambda: [float(x) for x in itertools.islice(make(), 19)])
    makers = {
        "Adam": lambda: api.Adam(0.01), "Adam, no clip": lambda: api.Adam(0.01, grad_clip=0.0, L2=0.1),
        "Adam, L2 in gradient": lambda: api.Adam(0.01, L2=0.1, L2_is_weight_decay=False), "RAdam": lambda: api.RAdam(0.01),
        "SGD": lambda: api.SGD(0.1), "SGD, decay": lambda: api.SGD(0.1, L2=0.1), "Adam, schedule": lambda: api.Adam(api.decaying(0.1, 0.1)),
    }  # fmt: skip
    for name, make in makers.items():
        record(f"optimizer {name}", lambda: train(make()))


def train(optimizer):
    W, key = floats(8), (1, "W")
    for _ in range(20):
        W, _ = optimizer(key, W, (W * 0.3 + 0.05).astype("f"))
        optimizer.step_schedules()
    return [W, *optimizer.averages.values()]


def main():
    other = {}
    if len(sys.argv) > 2:
        with open(sys.argv[2], "rb") as stream:
            other = pickle.load(stream)
    run_ops()
    run_layers(other)
    run_losses()
    run_training()
    with open(sys.argv[1], "wb") as stream:
        pickle.dump(RESULTS, stream)


if __name__ == "__main__":
    main()
