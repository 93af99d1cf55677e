"""Cases of what constructors of layers and their helpers refuse, and of resizing."""

# ruff: noqa: B023 (each function is called before its loop goes on)

import itertools

import numpy

from thinc import api
from thinc.api import Ragged

from .layers import fill_params, params
from .recording import floats, record


def run():
    """What constructors and helpers do beside layers' batches."""

    def resized(nO, fill):
        from thinc.layers.resizable import resize_linear_weighted, resize_model

        grow = lambda layer, n: resize_linear_weighted(layer, n, fill_defaults=fill)  # noqa: E731
        model = fill_params(api.resizable(api.Linear(4, 5), grow).initialize())
        return [p for _, p in params(resize_model(model, nO))]

    for nO, fill in itertools.product((4, 6, 9), (None, {"b": -2.0})):
        record(f"resize to {nO}, {fill}", lambda: resized(nO, fill))
    for name, call in {
        "chain()": lambda: api.chain(), "chain(one)": lambda: api.chain(api.noop()), "add()": lambda: api.add(),
        "tuplify(one)": lambda: api.tuplify(api.noop()), "clone without n": lambda: api.clone(api.noop()),
        "Softmax_v2(0)": lambda: api.Softmax_v2(temperature=0.0), "LSTM(0)": lambda: api.LSTM(2, 2, depth=0),
        "raw backprop": lambda: api.Softmax_v2(2, 3, normalize_outputs=False).initialize()(floats(1, 3), False)[1](floats(1, 2)),
        "wrong width": lambda: api.Linear(4, 5).initialize(X=floats(2, 3)),
        "Softmax gradient": lambda: api.Softmax(2, 3).initialize()(floats(4, 3), True)[1](floats(5, 2)),
        "reduce gradient": lambda: api.reduce_sum()(Ragged(floats(2, 3), numpy.array([2], "i")), True)[1](floats(2, 3)),
        "id too large": lambda: api.Embed(2, 3).initialize().predict(numpy.array([3])),
        "missing table": lambda: api.remap_ids_v2().predict([1]), "premap keys": lambda: api.premap_ids({"a": 1}),
        "premap numpy": lambda: api.premap_ids({numpy.int64(1): 1}), "unset dims": lambda: api.Linear().initialize(),
    }.items():  # fmt: skip
        record(f"mistake: {name}", call)
