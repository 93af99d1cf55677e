"""Cases of containers, helpers and models as trees."""

# ruff: noqa: B023 (each function is called before its loop goes on)

import itertools
import random
from importlib import import_module

import numpy

from thinc import api, util
from thinc.api import Model, Ops, Padded, Ragged
from thinc.types import ArgsKwargs, Pairs

from .layers import fill_params
from .recording import ROUNDS, floats, integers, lengths_of, record


def run():
    for number in ROUNDS:
        slices(number)
        categories(number)
    widths()
    helpers()
    trees()
    crossings()


def slices(number):
    lengths = lengths_of(9, number)
    X = floats(9, 3, number=number)
    indices = {
        "0": 0,
        "1": 1,
        "2": 2,
        "1:": slice(1, None),
        "0:1": slice(0, 1),
        "1:3": slice(1, 3),
        "0:0": slice(0, 0),
        "array": numpy.array([2, 0]),
    }
    for (name, index), data in itertools.product(indices.items(), (X, X.reshape(9, 3, 1), X[:, 0])):
        end = f"{name}, {data.ndim}-d, {number}"
        record(f"Ragged[{end}]", lambda: (lambda r: (r, r.dataXd))(Ragged(data, lengths)[index]))
    record(f"Ragged starts({number})", lambda: (Ragged(X, lengths)._get_starts(), Ragged(X, lengths)._get_ends()))
    for index in (slice(0, 2), slice(1, 3), 0, slice(-1, None)):
        record(f"Pairs[{index}, {number}]", lambda: Pairs(X, X[::-1].copy())[index])
    padded = api.NumpyOps().list2padded([X[:4], X[4:6], X[6:]])
    record(f"Padded.copy({number})", lambda: padded.copy())
    record(f"len of containers({number})", lambda: (len(padded), len(Ragged(X, lengths)), len(Pairs(X, X))))


def categories(number):
    for n_classes, smoothing in itertools.product((None, 4, 7), (0.0, 0.1, 0.4)):
        for shape in ((6,), (2, 3)):
            labels = integers(4, *shape, number=number)
            options = {"n_classes": n_classes, "label_smoothing": smoothing}
            record(f"to_categorical({options}, {shape}, {number})", lambda: api.to_categorical(labels, **options))


def widths():
    X = floats(3, 4)
    values = {
        "2-d": X, "3-d": X[None], "1-d": numpy.array([1, 5, 2]), "0-d": numpy.array(3), "list": [X, X], "none": [], "tuple": (X, X[:, :2]),
        "Ragged": Ragged(X, numpy.array([3], "i")), "Padded": Padded(X[None], *[numpy.array([1], "i")] * 3), "nested": [[X]],
    }  # fmt: skip
    for name, value in values.items():
        record(f"get_width({name})", lambda: api.get_width(value))
        record(f"get_width({name}, dim 0)", lambda: api.get_width(value, dim=0))
    for value in (1234, "foo", {"a": 1}):
        record(f"mistake: get_width({value})", lambda: api.get_width(value))
    record("mistake: get_array_module", lambda: api.get_array_module(0))
    for name, call in {
        "0 classes": lambda: api.to_categorical(numpy.zeros(3, "i"), 0),
        "1 class": lambda: api.to_categorical(numpy.zeros(3, "i"), 1, label_smoothing=0.1),
        "smoothing": lambda: api.to_categorical(numpy.arange(3), label_smoothing=0.7),
        "class": lambda: api.to_categorical(numpy.arange(3), 2),
    }.items():
        record(f"mistake: to_categorical {name}", call)


def helpers():
    X = floats(2, 3)
    nested = {"a": [X, (X, 3)], ("k", 1): ArgsKwargs((X,), {"b": [X]})}
    record("convert_recursive", lambda: util.convert_recursive(util.is_xp_array, lambda a: a + 1, nested))
    record(
        "convert_recursive keys",
        lambda: list(util.convert_recursive(lambda v: isinstance(v, str) and v == "k", lambda v: "new", nested)),
    )
    record("iterate_recursive", lambda: list(util.iterate_recursive(util.is_xp_array, nested)))
    record(
        "ArgsKwargs",
        lambda: (lambda a: (list(a.keys()), list(a.items()), ArgsKwargs.from_items(a.items())))(
            ArgsKwargs((1, 2), {"z": 3})
        ),
    )
    record("to_numpy", lambda: (api.to_numpy(X), api.to_numpy([1, 2])))
    for seed in (0, 1, 2**33):
        record(
            f"fix_random_seed({seed})",
            lambda: (api.fix_random_seed(seed), numpy.random.uniform(size=3), random.random()),
        )
    record("copy_array", lambda: (lambda into: (util.copy_array(into, X), into))(numpy.zeros_like(X)))
    record("ArrayInfo", lambda: util.ArrayInfo.from_array(X).check_consistency(X))
    record("mistake: ArrayInfo shape", lambda: util.ArrayInfo.from_array(X).check_consistency(X[:1]))
    record("mistake: ArrayInfo dtype", lambda: util.ArrayInfo.from_array(X).check_consistency(X.astype("d")))
    record("partial", lambda: util.partial(len, [1, 2])())
    for name in ("numpy", "cupy", "torch", "tensorflow", "mxnet"):
        record(f"is_{name}_array", lambda: getattr(util, f"is_{name}_array")(X))
    record("gaussian", lambda: __import__("thinc.backends.ops").backends.ops.gaussian_pdf(Ops(), X))


def tree():
    names = [Model(name, lambda model, X, is_train: (X, lambda dY: dY), dims={"nO": None, "nI": 2}) for name in "bcde"]
    b, c, d, e = names
    b.layers.extend([c, d])
    return Model(
        "a", c._func, layers=[b, e, c], refs={"r": c, "unset": None}, attrs={"dropout_rate": 0.1, "k": [1, "x"]}
    )


def trees():
    for order in ("bfs", "dfs_pre", "dfs_post"):
        record(f"walk({order})", lambda: [node.name for node in tree().walk(order=order)])
    record("mistake: walk", lambda: tree().walk(order="dfs_post_order"))

    def replaced(to_root):
        model = tree()
        old = model if to_root else model.layers[0]
        found = model.replace_node(old, api.Linear(3, 2))
        return found, [node.name for node in model.walk()]

    def changed(change):
        model = tree()
        change(model)
        return [(n.name, dict(n.attrs), [n.maybe_get_ref(r) is not None for r in n.ref_names]) for n in model.walk()]

    for root in (False, True):
        record(f"replace_node({root}) without unset refs", lambda: replaced(root))
    record("remove_node", lambda: changed(lambda m: m.remove_node(m.layers[1])))
    record("set_dropout_rate", lambda: changed(lambda m: api.set_dropout_rate(m, 0.4)))
    record("change_attr_values", lambda: changed(lambda m: api.change_attr_values(m, {"a": {"k": 5, "new": 1}})))
    record("copy", lambda: [node.name for node in tree().copy().walk()])
    record("to_dict", lambda: tree().to_dict())
    record("to_bytes", lambda: tree().to_bytes())
    made = lambda nO: api.chain(api.Relu(nO, 2), api.Linear(3, nO)).initialize()  # noqa: E731
    for ours, theirs, strict in itertools.product((3, 4), (3, 4), (True, False)):
        record(
            f"can_from_dict({ours}, {theirs}, {strict})",
            lambda: made(ours).can_from_dict(made(theirs).to_dict(), strict=strict),
        )
    record("can_from_bytes(garbage)", lambda: made(3).can_from_bytes(b"\xc1"))
    record("mistake: from_bytes", lambda: made(3).from_bytes(api.Linear(2, 3).to_bytes()))
    record("mistake: from_bytes garbage", lambda: made(3).from_bytes(b"\xc1"))
    record("mistake: get_dim unset", lambda: tree().layers[0].get_dim("nO"))
    record("mistake: get_dim unknown", lambda: tree().get_dim("x"))
    record("mistake: set_dim", lambda: tree().layers[0].set_dim("nI", 3))
    record("mistake: set_dim unknown", lambda: tree().set_dim("x", 3))
    record("mistake: get_ref unset", lambda: tree().get_ref("unset"))
    record("mistake: get_ref unknown", lambda: tree().get_ref("nope"))
    record("mistake: set_ref", lambda: tree().set_ref("x", api.Linear()))
    record("mistake: get_param", lambda: api.Linear(2, 3).get_param("W"))
    record("mistake: get_grad", lambda: api.Linear(2, 3).initialize().get_grad("W"))
    record("mistake: operator", lambda: tree() + tree())
    record("mistake: from_disk", lambda: tree().from_disk("there is no such file"))
    record("mistake: attribute", lambda: setattr(tree(), "anything", 1))
    record("trained", trained)


def trained():
    """A model after ten updates; its averages too."""
    model = api.chain(api.Relu(6, 5), api.LayerNorm(6), api.Softmax(3, 6))
    optimizer, X, labels = api.Adam(0.01), floats(9, 5), integers(3, 9)
    fill_params(model.initialize(X=X))
    for _ in range(10):
        Y, backprop = model.begin_update(X)
        backprop(api.CategoricalCrossentropy().get_grad(Y, labels))
        model.finish_update(optimizer)
    with model.use_params(optimizer.averages):
        averaged = model.predict(X)
    return averaged, model.predict(X)


def crossings():
    if not api.__dict__.get("PyTorchWrapper") or not util.has_torch:
        return
    X = floats(2, 3)
    record("torch2xp", lambda: api.torch2xp(api.xp2torch(X)))
    record("xp2torch, gradient", lambda: api.xp2torch(X, requires_grad=True).requires_grad)
    for version in ("PyTorchWrapper", "PyTorchWrapper_v2", "PyTorchWrapper_v3"):
        record(version, lambda: wrapped(getattr(api, version), X))
    for name, batch in {"array": X, "list": [X, X], "tuple": (X, X), "dict": {"a": X}}.items():
        record(f"PyTorch inputs of {name}", lambda: converted(batch))
    for bi, depth in itertools.product((False, True), (1, 2)):
        record(f"PyTorchLSTM({bi}, {depth})", lambda: recurrent(X, bi, depth))


def converted(batch):
    import torch

    convert = import_module("thinc.layers.pytorchwrapper").convert_pytorch_default_inputs
    inputs, get_dX = convert(api.PyTorchWrapper(torch.nn.Linear(3, 2)), batch, True)
    return len(inputs.args), sorted(inputs.kwargs), get_dX(inputs)


def recurrent(X, bi, depth):
    import torch

    torch.manual_seed(0)
    model = api.with_padded(api.PyTorchLSTM(4, 3, bi=bi, depth=depth)).initialize()
    Y, backprop = model([X, X[:1]], is_train=True)
    return Y, backprop(Y)


def wrapped(wrapper, X):
    import torch

    torch.manual_seed(0)
    model = api.chain(wrapper(torch.nn.Linear(3, 4)), api.Linear(2, 4))
    fill_params(model.initialize())
    Y, backprop = model(X, is_train=True)
    dX = backprop(Y)
    model.finish_update(api.SGD(0.1))
    return Y, dX, model.predict(X)
