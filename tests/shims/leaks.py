"""Count what steps, failures and conversions leave behind.

By hand, 10,000 of each:  PYTHONPATH=.:tests python -m shims.leaks
"""

import numpy
import torch
from shims.growth import growth
from shims.growth import must_fail as _must_fail
from shims.nets import Calls, data, net

from thinc.api import Adam, Linear, PyTorchWrapper, chain
from thinc.errors import ThincError
from thinc.shims import xp2torch


def must_fail(act):
    _must_fail(act, (ThincError, RuntimeError))


def training():
    X = data(5, 3)
    model = chain(Linear(3, 3), PyTorchWrapper(net())).initialize(X=X)
    optimizer = Adam(0.001)

    def act():
        Y, backprop = model.begin_update(X)
        backprop(Y)
        model.finish_update(optimizer)
        model.predict(X)

    return act


def structures():
    model, X = PyTorchWrapper(Calls(lambda inner, X, ids: {"y": (inner(X), ids)}, net())), data(5, 3)

    def act():
        Y, backprop = model.begin_update((X, numpy.arange(5)))
        backprop(Y)

    return act


def abandoned():
    """Callbacks that nobody calls."""
    model, X = PyTorchWrapper(net()), data(5, 3)
    return lambda: model.begin_update(X)


def failing():
    """Arrays that can't cross, batches that don't fit, gradients of a wrong shape, bad files."""
    model, X = PyTorchWrapper(net()), data(5, 3)
    blob = model.shims[0].to_bytes()

    def act():
        for bad in (numpy.array([object()]), numpy.array(["a"]), numpy.zeros(2, "M8[s]")):
            must_fail(lambda bad=bad: xp2torch(bad))
            must_fail(lambda bad=bad: model.predict((bad,)))
        must_fail(lambda: model.begin_update(X[:, :2]))
        Y, backprop = model.begin_update(X)
        must_fail(lambda: backprop(Y[:1]))
        must_fail(lambda: model.shims[0].from_bytes(blob[:-1]))

    return act


CASES = {each.__name__: each for each in (training, structures, abandoned, failing)}


def main():
    torch.set_num_threads(1)
    for name, make in CASES.items():
        python, objects, process = growth(make(), 10_000, warm_up=200)
        print(
            f"{name:12} {python:8.2f} bytes of Python, {objects:6.3f} objects, {process:8.1f} bytes resident per call"
        )


if __name__ == "__main__":
    main()
