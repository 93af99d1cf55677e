"""Count what TensorFlow, JAX and MXNet layers leave behind, a process for each framework.

By hand, 10,000 of each:  PYTHONPATH=.:tests python -m shims.leaks_frameworks tensorflow 10000
"""

import gc
import json
import os
import sys

import numpy
from shims.growth import growth, must_fail
from shims.samples import SAMPLES

from thinc.api import Adam, Linear, chain
from thinc.errors import ThincError

BY_NAME = {sample.name: sample for sample in SAMPLES}


def data(*shape):
    return numpy.random.default_rng(0).normal(size=shape).astype("f")


def training(sample):
    """Steps of a mixed model, with a prediction after each."""
    X, optimizer = data(5, 3), Adam(0.001)
    model = chain(Linear(3, 3), sample.make()).initialize(X=X)

    def act():
        Y, backprop = model.begin_update(X)
        backprop(Y)
        model.finish_update(optimizer)
        model.predict(X)

    return act


def abandoned(sample):
    """Callbacks that nobody calls."""
    model, X = sample.make(), data(5, 3)
    return lambda: model.begin_update(X)


def failing(sample):
    """Arrays that can't cross, gradients of a wrong shape, bad files: 9 failures a call."""
    model, X = sample.make(), data(5, 3)
    model.predict(X)
    shim = model.shims[0]
    blob = shim.to_bytes()

    def act():
        for bad in (numpy.array([object()]), numpy.array(["a"]), numpy.zeros(2, "M8[s]")):
            must_fail(lambda bad=bad: shim.framework.take(bad), ThincError)
            must_fail(lambda bad=bad: model.predict((bad,)), ThincError)
        Y, backprop = model.begin_update(X)
        must_fail(lambda: backprop(Y[:1]), ThincError)
        must_fail(lambda: backprop([Y]), ThincError)
        must_fail(lambda: shim.from_bytes(blob[:-1]), ThincError)

    return act


CASES = {each.__name__: each for each in (training, abandoned, failing)}


def main(name, times):
    """Print [case, bytes of Python, objects, bytes resident], each per call."""
    for case, make in CASES.items():
        gc.collect()
        print(
            json.dumps([case, *growth(make(BY_NAME[name]), int(times), warm_up=max(20, int(times) // 20))]), flush=True
        )


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    main(*sys.argv[1:])
