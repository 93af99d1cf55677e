"""Two layers around one foreign model: their gradients add up, and one step is made."""

import numpy

from thinc.api import Adam, chain


def check_one_step(first, second, X, n_outputs):
    """first, second: layers around one model, which turns X into (rows, n_outputs)."""
    net = first.shims[0]._model
    alone, pair = first.copy(), chain(first, second).copy()
    assert pair.layers[0].shims[0]._model is pair.layers[1].shims[0]._model is not net
    for model in (first, second):
        model.begin_update(X)[1](numpy.ones((len(X), n_outputs), "f"))
    alone.begin_update(X)[1](numpy.full((len(X), n_outputs), 2, "f"))
    optimizer = Adam(0.1, L2=0.1)  # a second step with zeros would show
    for model in (first, second, alone):
        before = model.predict(X)
        model.finish_update(optimizer)
        assert numpy.array_equal(before, model.predict(X)) == (model is second)

    assert numpy.allclose(first.predict(X), alone.predict(X), atol=1e-6)
    assert numpy.array_equal(first.predict(X), second.predict(X))
    assert {key[0] for key in optimizer.averages} == {model.shims[0].id for model in (first, alone)}
