"""Cases of the layers: structure, start, output, all gradients and files, in every container."""

# ruff: noqa: B023 (each function is called before its loop goes on)

import copy
import itertools

import numpy

from thinc import api
from thinc.api import NumpyOps, Ragged
from thinc.layers.array_getitem import floats_getitem

from .recording import RESULTS, ROUNDS, Failure, floats, integers, lengths_of, record, rng

DENSE = "Linear Relu Mish Gelu Swish Dish HardSwish HardSwishMobilenet HardSigmoid HardTanh ReluK ClippedLinear".split()
REDUCTIONS = "reduce_sum reduce_mean reduce_max reduce_first reduce_last".split()
VIEWS = "with_array with_array2d with_list with_ragged with_padded".split()


SIZES = (5, 4), (3, 1), (12, 7)


def run(other):
    for number in ROUNDS:
        for name, (make, X) in make_layers(number).items():
            compute(f"{name}, {number}", make, X, other)
    for name, (make, X) in without_rows().items():
        compute(f"{name}, empty", make, X, other)


def make_layers(number):
    """{name: (constructor, batch)} of every layer, in every container that it takes."""
    return {**plain(number), **composed(number), **in_containers(number), **ids(number)}


def compute(name, make, X, other):
    """Everything that can be compared of one layer and one batch."""
    record(f"structure of {name}", lambda: structure(make()))
    record(f"start of {name}", lambda: [p for _, p in params(make().initialize(X=copy.deepcopy(X)))])
    record(f"output of {name}", lambda: filled(make, X).predict(copy.deepcopy(X)))
    record(f"gradients of {name}", lambda: gradients(filled(make, X), X))
    record(f"second gradients of {name}", lambda: gradients(filled(make, X), X, times=2))
    record(f"use of {name}", lambda: used(filled(make, X), X))
    record(f"copy of {name}", lambda: filled(make, X).copy().predict(copy.deepcopy(X)))
    try:
        data = filled(make, X).to_bytes()
        RESULTS[f"file of {name}"] = data
    except Exception as error:
        RESULTS[f"file of {name}"] = Failure(error)
    theirs = other.get(f"file of {name}")
    if isinstance(theirs, bytes):
        record(f"output of {name}, file of the other", lambda: make().from_bytes(theirs).predict(copy.deepcopy(X)))


def plain(number):
    """{name: (constructor, batch)} over arrays."""
    nI, nO = SIZES[number]
    X = floats(6 + number, nI, number=number)
    layers = {name: (lambda name=name: getattr(api, name)(nO, nI), X) for name in [*DENSE, "Sigmoid", "Softmax"]}
    wide = nO + 3  # to normalize one or two numbers leaves nothing but rounding
    for name in DENSE[1:]:
        options = {"normalize": True, "dropout": 0.0}
        layers[f"{name}(normalize)"] = (lambda name=name: getattr(api, name)(wide, nI, **options), X)
    for nP in (1, 3):
        layers[f"Maxout({nP})"] = lambda nP=nP: api.Maxout(nO, nI, nP), X
    layers["Maxout(normalize)"] = lambda: api.Maxout(wide, nI, 3, normalize=True), X
    layers["ClippedLinear(limits)"] = lambda: api.ClippedLinear(nO, nI, slope=0.3, min_val=-0.5), X
    layers["ReluK(2)"] = lambda: api.ReluK(nO, nI, k=2.0), X
    layers["Softmax_v2(2)"] = lambda: api.Softmax_v2(nO, nI, temperature=2.0), X
    layers["Softmax_v2(raw)"] = lambda: api.Softmax_v2(nO, nI, normalize_outputs=False), X
    layers["MultiSoftmax"] = lambda: api.MultiSoftmax((1, nO), nI), X
    layers["LayerNorm"] = lambda: api.LayerNorm(nI), X
    for name in ("Logistic", "sigmoid_activation", "softmax_activation", "noop", "Dropout"):
        layers[name] = getattr(api, name), X
    for size in (0, 1, 2):
        layers[f"expand_window({size})"] = lambda size=size: api.expand_window(size), X
    layers["CauchySimilarity"] = lambda: api.CauchySimilarity(nI), (X, X[::-1].copy())
    layers["siamese"] = lambda: api.siamese(api.Relu(nO, nI), api.CauchySimilarity(nO)), (X, X[::-1].copy())
    layers["array_getitem"] = lambda: api.array_getitem((slice(0, None), 0)), X
    layers["floats_getitem"] = lambda: floats_getitem(1), X
    layers["with_getitem"] = lambda: api.with_getitem(1, api.Relu(nO, nI)), (X, X[::-1].copy())
    layers["with_reshape"] = lambda: api.with_reshape(api.Linear(nO, nI)), floats(2, 3, nI, number=number)
    layers["with_cpu"] = lambda: api.with_cpu(api.Linear(nO, nI), NumpyOps()), X
    layers["with_debug"] = lambda: api.with_debug(api.Linear(nO, nI)), X
    layers["with_nvtx_range"] = lambda: api.with_nvtx_range(api.Linear(nO, nI)), X
    layers["resizable"] = lambda: api.resizable(api.Linear(nO, nI), lambda layer, n: layer), X
    return layers


def composed(number):
    nI, nO = SIZES[number]
    X = floats(6 + number, nI, number=number)
    one, two = (lambda: api.Relu(nO, nI)), (lambda: api.Mish(nO, nI))
    layers = {
        "chain": lambda: api.chain(api.Maxout(8, nI), api.LayerNorm(8), api.Dropout(0.0), api.Softmax(3, 8)),
        "concatenate": lambda: api.concatenate(one(), api.Mish(2, nI)),
        "concatenate(3)": lambda: api.concatenate(api.concatenate(one(), two()), two()),
        "concatenate(1)": lambda: api.concatenate(one()),
        "add": lambda: api.add(one(), two()),
        "add(3)": lambda: api.add(api.add(one(), two()), one()),
        "residual": lambda: api.residual(api.Relu(nI, nI)),
        "clone": lambda: api.clone(api.Relu(nI, nI), 3),
        "clone(0)": lambda: api.clone(one(), 0),
        "clone(1)": lambda: api.clone(one(), 1),
        "tuplify": lambda: api.tuplify(one(), two()),
        "chain(inferred)": lambda: api.chain(api.Relu(3), api.Relu(4), api.Linear(2)),
    }
    return {name: (make, X) for name, make in layers.items()}


def containers(width, number):
    """{kind: the same rows in this container}."""
    X, lengths = floats(7, width, number=number), lengths_of(7, number, 1)
    seqs = [numpy.ascontiguousarray(part) for part in numpy.split(X, numpy.cumsum(lengths)[:-1])]
    padded = NumpyOps().list2padded(seqs)
    return {
        "array": X, "list": seqs, "Ragged": Ragged(X, lengths), "Padded": padded,
        "3-d array": floats(3, 2, width, number=number), "tuple": (X, lengths),
        "four": (padded.data, padded.size_at_t, padded.lengths, padded.indices),
        "list with empty": [seqs[0], X[:0], *seqs[1:]], "Ragged with empty": Ragged(X, numpy.array([3, 0, 4], "i")),
    }  # fmt: skip


def in_containers(number):
    """The layers that take more than arrays."""
    nI, nO = SIZES[number]
    kinds = containers(nI, number)
    layers = {}
    for view, (kind, X) in itertools.product(VIEWS, kinds.items()):
        layers[f"{view}(noop) on {kind}"] = lambda view=view: getattr(api, view)(api.noop()), X
    rows = "list", "Ragged", "list with empty", "Ragged with empty"
    for kind in (*rows, "array", "Padded"):
        X = kinds[kind]
        layers[f"with_array(Relu) on {kind}"] = lambda: api.with_array(api.Relu(nO, nI)), X
        layers[f"with_array2d(Relu) on {kind}"] = lambda: api.with_array2d(api.Relu(nO, nI)), X
        layers[f"Dropout on {kind}"] = api.Dropout, X
        layers[f"residual(noop) on {kind}"] = lambda: api.residual(api.noop()), X
    for kind, pad in itertools.product(rows, (1, 2)):
        window = lambda pad=pad: api.with_array(api.expand_window(pad), pad=pad)  # noqa: E731
        layers[f"with_array(expand_window({pad})) on {kind}"] = window, kinds[kind]
    for kind in rows:
        layers[f"with_ragged(ParametricAttention) on {kind}"] = (
            lambda: api.with_ragged(api.ParametricAttention(nI)),
            kinds[kind],
        )
        layers[f"with_list(map_list) on {kind}"] = lambda: api.with_list(api.map_list(api.Relu(nO, nI))), kinds[kind]
        concatenated = lambda: api.concatenate(api.with_array(api.Relu(nO, nI)), api.with_array(api.Mish(2, nI)))  # noqa: E731
        layers[f"concatenate on {kind}"] = concatenated, kinds[kind]
    for kind in ("list", "Ragged", "Padded", "list with empty"):
        layers[f"with_padded(LSTM) on {kind}"] = lambda: api.with_padded(api.LSTM(2, nI)), kinds[kind]
        layers[f"with_padded(LSTM(bi, 2)) on {kind}"] = (
            lambda: api.with_padded(api.LSTM(4, nI, bi=True, depth=2)),
            kinds[kind],
        )
        layers[f"bidirectional on {kind}"] = lambda: api.with_padded(api.bidirectional(api.LSTM(2, nI))), kinds[kind]
    for name, kind in itertools.product(REDUCTIONS, ("Ragged", "Ragged with empty")):
        layers[f"{name} on {kind}"] = getattr(api, name), kinds[kind]
    layers["ParametricAttention"] = lambda: api.ParametricAttention(nI), kinds["Ragged"]
    layers["ParametricAttention_v2"] = lambda: api.ParametricAttention_v2(nO=nI), kinds["Ragged"]
    layers["ParametricAttention_v2(key)"] = (
        lambda: api.ParametricAttention_v2(nO=nI, key_transform=api.Relu(nI, nI)),
        kinds["Ragged"],
    )
    layers["expand_window on Ragged"] = api.expand_window, kinds["Ragged"]
    for name, kind in (
        ("list2array", "list"), ("list2ragged", "list"), ("list2padded", "list"), ("ragged2list", "Ragged"),
        ("padded2list", "Padded"), ("list2array", "list with empty"), ("list2ragged", "list with empty"),
        ("list2padded", "list with empty"), ("ragged2list", "Ragged with empty"),
    ):  # fmt: skip
        layers[f"{name} on {kind}"] = getattr(api, name), kinds[kind]
    nested = [[1, 2, 3], [4, 5], [], [6, 7, 8]]
    layers["with_flatten_v2"] = lambda: api.with_flatten_v2(api.noop()), nested
    return layers


def ids(number):
    """The layers over ids, keys and words."""
    table = {1: 4, 2: 1, 5: 3}
    X, keys = integers(50, 6 + number, 2, number=number), integers(6, 7, number=number, dtype="int64")
    wide = rng(number).integers(0, 2**63, (9, 2), dtype="uint64") * numpy.uint64(2)
    count = 9 + 40 * number
    sparse = rng(number).integers(0, 2**40, count, dtype="uint64"), floats(count), lengths_of(count, number)
    words = [["apple", "banana"], ["café", ""], []]
    layers = {
        "Embed": (lambda: api.Embed(4, 50), X[:, 0].copy()), "Embed(column)": (lambda: api.Embed(4, 50, column=1), X),
        "uniqued": (lambda: api.uniqued(api.Embed(4, 50, column=0), column=0), X),
        "strings2arrays": (api.strings2arrays, words),
        "remap_ids": (lambda: api.remap_ids({"a": 1, 5: 7}, default=9), ["a", 5, "b", 5.0]),
        "remap_ids(f)": (lambda: api.remap_ids({"a": 1}, default=9, dtype="f"), ["a", 5]),
        "remap_ids_v2": (lambda: api.remap_ids_v2(table, 9), keys), "premap_ids": (lambda: api.premap_ids(table, 9), keys),
        "remap_ids_v2(column)": (lambda: api.remap_ids_v2(table, 9, column=1), X.astype("int64")),
        "premap_ids(column)": (lambda: api.premap_ids(table, 9, column=1), X.astype("int64")),
        "strings and HashEmbed": (
            lambda: api.chain(api.strings2arrays(), api.with_array(api.HashEmbed(4, 20, seed=1, column=0))), words
        ),
    }  # fmt: skip
    for nV, seed in itertools.product((5, 1000), (0, 2**31)):
        layers[f"HashEmbed({nV}, {seed})"] = lambda nV=nV, seed=seed: api.HashEmbed(4, nV, seed=seed), wide[:, 0].copy()
    layers["HashEmbed(column)"] = lambda: api.HashEmbed(4, 50, seed=3, column=1), wide
    layers["HashEmbed(int32)"] = lambda: api.HashEmbed(4, 50, seed=3), X[:, 0] - 25
    for nO, length in itertools.product((1, 3), (8, 64, 100)):
        layers[f"SparseLinear({nO}, {length})"] = lambda nO=nO, length=length: api.SparseLinear(nO, length), sparse
        layers[f"SparseLinear_v2({nO}, {length})"] = (
            lambda nO=nO, length=length: api.SparseLinear_v2(nO, length),
            sparse,
        )
    return layers


def without_rows():
    X, none = floats(0, 5), numpy.zeros(0, "i")
    layers = {
        name: (lambda name=name: getattr(api, name)(4, 5), X) for name in [*DENSE, "Maxout", "Sigmoid", "Softmax"]
    }
    layers["LayerNorm"] = lambda: api.LayerNorm(5), X
    layers["Embed"] = lambda: api.Embed(4, 50), none
    layers["HashEmbed"] = lambda: api.HashEmbed(4, 50, seed=1), none.astype("uint64")
    layers["expand_window"] = api.expand_window, X
    layers["expand_window on Ragged"] = api.expand_window, Ragged(X, none)
    layers["CauchySimilarity"] = lambda: api.CauchySimilarity(5), (X, X)
    for name in REDUCTIONS:
        layers[name] = getattr(api, name), Ragged(X, none)
    for name in ("list2array", "list2ragged", "list2padded"):
        layers[name] = getattr(api, name), []
    for view, (kind, batch) in itertools.product(VIEWS, {"list": [], "Ragged": Ragged(X, none)}.items()):
        layers[f"{view} on {kind}"] = lambda view=view: getattr(api, view)(api.noop()), batch
    return layers


def structure(model):
    """Names, dims, params and attrs of every node."""
    return [
        (
            node.name,
            {name: node.maybe_get_dim(name) for name in node.dim_names},
            node.param_names,
            {k: v if isinstance(v, (int, float, str, tuple, list, dict, type(None))) else "..." for k, v in node.attrs.items()},
            node.ref_names,
        )
        for node in model.walk()
    ]  # fmt: skip


def filled(make, X):
    return fill_params(make().initialize(X=copy.deepcopy(X)))


def fill_params(model):
    """Weights that do not depend on any initializer; they are the same in every version.

    They must not repeat soon: with a cycle of seven a row of maxout was almost constant, and
    normalizing it made 115 times as much of the last bit of the product.
    """
    for place, node in enumerate(model.walk()):
        for name in node.param_names:
            # The published LSTM takes its two starts in the wrong order, which zeros hide.
            if node.has_param(name) and name != "HC0":
                shape = node.get_param(name).shape
                cycle = (numpy.arange(numpy.prod(shape)) * 7919 + 97 * place) % 1009
                values = cycle / 504 - 1
                # These two would lie where the result hangs on the last bit: beyond the limit of
                # the attention's scores, and near 1 / 0.
                values = {"para-attn": values / 8, "cauchy_similarity": abs(values)}.get(node.name, values)
                node.set_param(name, values.reshape(shape).astype("f"))
    return model


def params(model):
    for node in model.walk():
        for name in node.param_names:
            if node.has_param(name):
                yield name, node.get_param(name)


def used(model, X):
    """The batch and the gradient after they were used: nothing may write into them."""
    X = copy.deepcopy(X)
    model.predict(X)
    Y, backprop = model(X, is_train=True)
    dY = copy.deepcopy(Y)
    backprop(dY)
    return X, dY


def gradients(model, X, times=1):
    for _ in range(times):
        Y, backprop = model(copy.deepcopy(X), is_train=True)
        # A gradient of its own: some published callbacks write into what they get.
        dX = backprop(copy.deepcopy(Y))
    return [dX, *((name, node.get_grad(name)) for node in model.walk() for name in node.grad_names)]
