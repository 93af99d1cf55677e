"""Records of the layers that run other layers."""

import numpy

from thinc import api

from ..layer import Layer, rows
from .dense import affine, empty, sigma
from .sequence import ragged


def linears(model, X):
    return [affine(layer, X) for layer in model.layers]


def one(rng):
    return rng.normal(size=(5, 4))


def listed(rng):
    return [rng.normal(size=(n, 4)) for n in (2, 0, 3)]


def deep(model, X):
    for layer in model.layers:
        X = affine(layer, X)
    return X


def residual(model, X):
    return X + sigma(X)


def array_of(X, change):
    return type(X)(change(X.data), X.lengths)


LINEAR = lambda: api.Linear(3)  # noqa: E731
SQUARE = lambda: api.Linear(4)  # noqa: E731
SIGMA = api.sigmoid_activation

RECORDS = [
    Layer("chain", lambda: api.chain(LINEAR(), api.Linear(2), api.Linear(4)), one, deep, ("chain.v1",), empty=empty),
    Layer("clone", lambda: api.clone(SQUARE(), 3), one, deep, ("clone.v1",), empty=empty),
    Layer("clone", lambda: api.clone(SQUARE(), 0), one, lambda m, X: X, note="0"),
    Layer("noop", lambda: api.noop(SIGMA()), one, lambda m, X: X, ("noop.v1",), empty=empty),
    Layer("add", lambda: api.add(LINEAR(), LINEAR(), LINEAR()), one, lambda m, X: sum(linears(m, X)), ("add.v1",), empty=empty),
    Layer("add", lambda: api.add(api.noop(), SIGMA()), one, residual, note="noop"),
    Layer("add", lambda: api.add(api.with_array(LINEAR()), api.with_array(LINEAR())), ragged,
          lambda m, X: array_of(X, lambda x: sum(affine(layer.layers[0], x) for layer in m.layers)), note="ragged"),
    Layer("concatenate", lambda: api.concatenate(LINEAR(), api.Linear(2)), one,
          lambda m, X: numpy.concatenate(linears(m, X), axis=1), ("concatenate.v1",), empty=empty, knows_Y=False),
    Layer("concatenate", lambda: api.concatenate(api.with_array(LINEAR()), api.with_array(api.Linear(2))), ragged,
          lambda m, X: array_of(X, lambda x: numpy.concatenate([affine(layer.layers[0], x) for layer in m.layers], axis=1)), note="ragged", knows_Y=False),
    Layer("concatenate", lambda: api.concatenate(api.with_array(LINEAR()), api.with_array(api.Linear(2))), listed,
          lambda m, X: [numpy.concatenate([affine(layer.layers[0], x) for layer in m.layers], axis=1) for x in X], note="list", knows_Y=False),
    Layer("tuplify", lambda: api.tuplify(LINEAR(), api.Linear(2)), one, lambda m, X: tuple(linears(m, X)), ("tuplify.v1",), empty=empty),
    Layer("residual", lambda: api.residual(SIGMA()), one, residual, ("residual.v1",), empty=empty, error=1e-8),
    Layer("residual", lambda: api.residual(api.with_array(SIGMA())), ragged, lambda m, X: array_of(X, lambda x: residual(m, x)), note="ragged", error=1e-8),
    Layer("residual", lambda: api.residual(api.with_array(SIGMA())), listed, lambda m, X: [residual(m, x) for x in X], note="list", error=1e-8),
    Layer("map_list", lambda: api.map_list(LINEAR()), listed, lambda m, X: [affine(m.layers[0], x) for x in X], empty=lambda rng: []),
    Layer("resizable", lambda: api.resizable(LINEAR(), lambda layer, n: layer), one, lambda m, X: affine(m.layers[0], X), ("resizable.v1",), empty=empty),
    Layer("with_debug", lambda: api.with_debug(LINEAR()), one, affine, empty=empty),
    Layer("with_nvtx_range", lambda: api.with_nvtx_range(LINEAR()), one, affine, empty=empty),
    Layer("Dropout", lambda: api.Dropout(0.0), rows(5, 4), lambda m, X: X, ("Dropout.v1",), empty=empty),
    Layer("Dropout", lambda: api.Dropout(0.0), ragged, lambda m, X: X, note="ragged"),
]  # fmt: skip
