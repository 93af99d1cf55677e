"""The cases in which calls cost more than arithmetic: layers at batch 1, parameters, containers, small updates."""

import numpy

WIDTH = 8
UNTRAINED = {"concatenate-Ragged", "with_reshape"}  # the published library fails in their backward pass
LENGTHS = numpy.asarray([1], "int32")


def some(*shape, seed=0):
    return numpy.random.default_rng(seed).normal(size=shape).astype("float32")


def row():
    return some(1, WIDTH)


def dense_layers(thinc):
    """name -> function that builds (layer, X), for every layer of arrays."""
    X = row()
    names = "Linear Relu Mish Gelu Swish Dish HardSwish HardSwishMobilenet HardSigmoid HardTanh ReluK ClippedLinear"
    found = {}
    for name in f"{names} Sigmoid Maxout Softmax".split():
        found[name] = lambda name=name: (getattr(thinc, name)(WIDTH, WIDTH), X)
    for name in ("noop", "sigmoid_activation", "softmax_activation", "expand_window"):
        found[name] = lambda name=name: (getattr(thinc, name)(), X)
    return found | {
        "LayerNorm": lambda: (thinc.LayerNorm(WIDTH), X),
        "Dropout": lambda: (thinc.Dropout(0.1), X),
        "Maxout-block": lambda: (thinc.Maxout(WIDTH, WIDTH, normalize=True, dropout=0.1), X),
        "MultiSoftmax": lambda: (thinc.MultiSoftmax((4, 4), WIDTH), X),
        "array_getitem": lambda: (thinc.array_getitem((slice(0, None), 0)), X),
    }


def id_layers(thinc):
    """Layers that read ids or strings."""
    ids = numpy.asarray([7], "uint64")
    table, column = ids.reshape((1, 1)), {"seed": 1, "column": 0}
    return {
        "Embed": lambda: (thinc.Embed(WIDTH, 100), ids.astype("int32")),
        "HashEmbed": lambda: (thinc.HashEmbed(WIDTH, 100, seed=1), ids),
        "HashEmbed-column": lambda: (thinc.HashEmbed(WIDTH, 100, **column), table),
        "HashEmbed-dropout": lambda: (thinc.HashEmbed(WIDTH, 100, seed=1, dropout=0.1), ids),
        "uniqued": lambda: (thinc.uniqued(thinc.HashEmbed(WIDTH, 100, **column)), table),
        "remap_ids": lambda: (thinc.remap_ids({"a": 1}), ["a"]),
        "premap_ids": lambda: (thinc.premap_ids({7: 1}), ids.astype("int64")),
        "strings2arrays": lambda: (thinc.strings2arrays(), [["a"]]),
        "SparseLinear": lambda: (thinc.SparseLinear(WIDTH, 64), (ids, numpy.ones(1, "float32"), LENGTHS)),
    }


def sequence_layers(thinc):
    """Layers that read or make containers of sequences, here of one sequence of one row."""
    X = row()
    Xr, Xs = thinc.Ragged(X, LENGTHS), [X]
    Xp = thinc.NumpyOps().list2padded(Xs)
    batches = {"array": X, "list": Xs, "Ragged": Xr, "Padded": Xp}
    kinds = dict.fromkeys("reduce_sum reduce_mean reduce_max reduce_first reduce_last ragged2list".split(), "Ragged")
    kinds |= {"list2ragged": "list", "list2array": "list", "list2padded": "list", "padded2list": "Padded"}
    found = {}
    for name, kind in kinds.items():
        found[name] = lambda name=name, X=batches[kind]: (getattr(thinc, name)(), X)
    for name in ("with_array", "with_array2d", "with_list", "with_ragged", "with_padded"):
        for kind, X in batches.items():
            if kind != "array" or name.startswith("with_array"):
                found[f"{name}-{kind}"] = lambda name=name, X=X: (getattr(thinc, name)(thinc.noop()), X)
    return found | {
        "LSTM": lambda: (thinc.LSTM(WIDTH, WIDTH), Xp),
        "bidirectional": lambda: (thinc.bidirectional(thinc.noop()), Xp),
        "ParametricAttention": lambda: (thinc.ParametricAttention(WIDTH), Xr),
        "expand_window-Ragged": lambda: (thinc.expand_window(1), Xr),
    }


def combinators(thinc):
    """Layers of layers, mostly of ones that do nothing, so that only the combinator takes time."""
    X, noop = row(), thinc.noop
    Xr, Xs = thinc.Ragged(X, LENGTHS), [X]

    def linear():
        return thinc.Linear(WIDTH, WIDTH)

    found = {}
    for kind, x in (("", X), ("-list", Xs), ("-Ragged", Xr)):
        found[f"residual{kind}"] = lambda x=x: (thinc.residual(noop()), x)
        found[f"concatenate{kind}"] = lambda x=x: (thinc.concatenate(noop(), noop(), noop()), x)
    return found | {
        "chain": lambda: (thinc.chain(noop(), noop(), noop()), X),
        "add": lambda: (thinc.add(linear(), linear()), X),
        "tuplify": lambda: (thinc.tuplify(noop(), noop()), X),
        "map_list": lambda: (thinc.map_list(noop()), Xs),
        "with_getitem": lambda: (thinc.with_getitem(0, noop()), (X, X)),
        "with_reshape": lambda: (thinc.with_reshape(linear()), X.reshape((1, 1, WIDTH))),
        "with_cpu": lambda: (thinc.with_cpu(noop(), thinc.NumpyOps()), X),
        "with_debug": lambda: (thinc.with_debug(noop()), X),
        "resizable": lambda: (thinc.resizable(noop(), lambda layer, nO: layer), X),
        "siamese": lambda: (thinc.siamese(linear(), thinc.CauchySimilarity(WIDTH)), (X, X)),
    }


def layer_cases(thinc):
    return {**dense_layers(thinc), **id_layers(thinc), **sequence_layers(thinc), **combinators(thinc)}


def predicting(thinc, name):
    layer, X = layer_cases(thinc)[name]()
    layer.initialize(X=X)
    return lambda: layer.predict(X)


def updating(thinc, name):
    """Forward and backward; the gradient is the output."""
    layer, X = layer_cases(thinc)[name]()
    layer.initialize(X=X)
    dY = layer.begin_update(X)[0]

    def run():
        _, backprop = layer.begin_update(X)
        backprop(dY)

    return run


def mlp(thinc, rows, part):
    """A chain of three: a whole step of training, or one of its parts."""
    model = thinc.chain(thinc.Relu(WIDTH, WIDTH), thinc.Relu(WIDTH, WIDTH), thinc.Softmax(WIDTH, WIDTH))
    X, dY, optimizer = some(rows, WIDTH), some(rows, WIDTH, seed=1), thinc.Adam(0.001)
    model.initialize(X=X, Y=dY)

    def step():
        _, backprop = model.begin_update(X)
        backprop(dY)
        model.finish_update(optimizer)

    step()
    parts = {
        "step": step,
        "predict": lambda: model.predict(X),
        "forward": lambda: model.begin_update(X),
        "update": lambda: model.finish_update(optimizer),
    }
    return parts[part]


def stack(thinc, layers=20, width=WIDTH):
    """Linear layers with a gradient in each of their parameters."""
    model = thinc.chain(*(thinc.Linear(width, width) for _ in range(layers)))
    X = some(4, width)
    model.initialize(X=X)
    model.begin_update(X)[1](X)
    return model


def update_all(thinc, make, **sizes):
    model, optimizer = stack(thinc, **sizes), make(thinc)
    return lambda: model.finish_update(optimizer)


def update_one(thinc, make, size):
    optimizer, key = make(thinc), (1, "W")
    W, dW = some(size, size), some(size, size, seed=1)
    return lambda: optimizer(key, W, dW)


OPTIMIZERS = {
    "Adam": lambda thinc: thinc.Adam(0.001),
    "Adam-scheduled": lambda thinc: thinc.Adam(thinc.warmup_linear(0.01, 10, 10000), L2=0.01),
    "RAdam": lambda thinc: thinc.RAdam(0.001),
    "SGD": lambda thinc: thinc.SGD(0.001),
    "Adam-plain": lambda thinc: thinc.Adam(0.001, use_averages=False, grad_clip=0.0),
}


def optimizer_cases(thinc):
    for name, make in OPTIMIZERS.items():
        yield f"update-40-{name}", lambda make=make: update_all(thinc, make)
        yield f"update-1-{name}", lambda make=make: update_one(thinc, make, WIDTH)
    adam = OPTIMIZERS["Adam"]
    yield "update-1-96x96", lambda: update_one(thinc, adam, 96)
    yield "update-200-96x96", lambda: update_all(thinc, adam, layers=100, width=96)


def model_cases(thinc):
    """What layers and users ask of a model."""
    layer, tree, dW = thinc.Linear(WIDTH, WIDTH).initialize(), stack(thinc), some(WIDTH, WIDTH)
    W, key, params = layer.get_param("W"), (layer.id, "W"), {(tree.layers[3].id, "W"): dW}
    layer.inc_grad("W", dW)

    def swap(model, held):
        with model.use_params(held):
            pass

    calls = {
        "get_param": lambda: layer.get_param("W"),
        "maybe_get_param": lambda: layer.maybe_get_param("W"),
        "has_param": lambda: layer.has_param("W"),
        "set_param": lambda: layer.set_param("W", W),
        "get_grad": lambda: layer.get_grad("W"),
        "has_grad": lambda: layer.has_grad("W"),
        "set_grad": lambda: layer.set_grad("W", dW),
        "inc_grad": lambda: layer.inc_grad("W", dW),
        "get_dim": lambda: layer.get_dim("nO"),
        "maybe_get_dim": lambda: layer.maybe_get_dim("nO"),
        "has_dim": lambda: layer.has_dim("nO"),
        "param_names": lambda: layer.param_names,
        "grad_names": lambda: layer.grad_names,
        "walk-1": lambda: list(layer.walk()),
        "walk-21": lambda: list(tree.walk()),
        "walk-21-dfs_pre": lambda: list(tree.walk(order="dfs_pre")),
        "walk-21-dfs_post": lambda: list(tree.walk(order="dfs_post")),
        "use_params-1": lambda: swap(layer, {key: dW}),
        "use_params-21": lambda: swap(tree, params),
        "get_gradients": lambda: tree.get_gradients(),
        "Model": lambda: thinc.Model("m", model_cases, dims={"nO": 1}, params={"W": None}),
        "Linear": lambda: thinc.Linear(WIDTH, WIDTH),
        "initialize": lambda: layer.initialize(),
        "copy": lambda: layer.copy(),
    }
    return {f"model-{name}": lambda call=call: call for name, call in calls.items()}


def container_cases(thinc):
    from thinc.types import ArgsKwargs, Padded, Pairs, Ragged

    X, lengths = some(6, WIDTH), numpy.asarray([1, 2, 3], "int32")
    ragged, padded = Ragged(X, lengths), thinc.NumpyOps().list2padded([X[:1], X[1:3], X[3:]])
    parts = padded.data, padded.size_at_t, padded.lengths, padded.indices
    calls = {
        "Ragged": lambda: Ragged(X, lengths),
        "Ragged-dataXd": lambda: ragged.dataXd,
        "Ragged-item": lambda: ragged[1],
        "Ragged-slice": lambda: ragged[1:3],
        "Ragged-list": lambda: ragged[[0, 2]],
        "Ragged-len": lambda: len(ragged),
        "Padded": lambda: Padded(*parts),
        "Padded-item": lambda: padded[1],
        "Padded-slice": lambda: padded[0:2],
        "Padded-copy": lambda: padded.copy(),
        "Pairs-item": lambda: Pairs(X, X)[1],
        "ArgsKwargs": lambda: ArgsKwargs((X,), {}),
    }
    return {f"types-{name}": lambda call=call: call for name, call in calls.items()}


def small_cases(thinc):
    """name -> function without arguments that prepares the case."""
    found = {}
    for name in layer_cases(thinc):
        found[f"batch1-{name}"] = lambda name=name: predicting(thinc, name)
        if name not in UNTRAINED:
            found[f"batch1-{name}-backprop"] = lambda name=name: updating(thinc, name)
    for rows in (1, 8):
        for part in ("step", "predict", "forward", "update"):
            found[f"mlp{rows}-{part}"] = lambda rows=rows, part=part: mlp(thinc, rows, part)
    return {**found, **dict(optimizer_cases(thinc)), **model_cases(thinc), **container_cases(thinc)}
