"""Keras learns, is saved and is copied on each of its backends."""

import os
import subprocess
import sys

import pytest

from thinc.api import KerasWrapper, TensorFlowShim

tensorflow = pytest.importorskip("tensorflow", reason="TensorFlow is not installed")
from shims.keras_networks import sequential  # noqa: E402

OTHER_BACKEND = """
import numpy, keras
from thinc.api import Adam, KerasWrapper, Linear, chain
layers = keras.layers
assert keras.backend.backend() == {backend!r}
net = lambda: keras.Sequential([keras.Input((8,)), layers.Dense(8, "tanh"), layers.BatchNormalization(), layers.Dropout(0.1)])
X = numpy.random.default_rng(0).normal(size=(64, 3)).astype("f")
Y = numpy.stack([X[:, 0] * X[:, 1], X.sum(axis=1)], axis=1)
keras.utils.set_random_seed(0)
model = chain(Linear(8, 3), KerasWrapper(net()), Linear(2, 8)).initialize(X, Y)
optimizer, losses = Adam(0.02), []
for _ in range(120):
    guesses, backprop = model.begin_update(X)
    losses.append(float(((guesses - Y) ** 2).mean()))
    backprop((guesses - Y) / len(X))
    model.finish_update(optimizer)
assert losses[-1] < 0.4 * losses[0], losses[::20]
assert numpy.array_equal(model.predict(X), model.predict(X))
restored = chain(Linear(8, 3), KerasWrapper(net()), Linear(2, 8)).from_bytes(model.to_bytes())
assert numpy.array_equal(restored.predict(X), model.predict(X))
copied, before = model.copy(), model.predict(X)
assert copied.layers[1].to_bytes() == model.layers[1].to_bytes()
copied.begin_update(X)[1](Y)
copied.finish_update(optimizer)
assert copied.layers[1].to_bytes() != model.layers[1].to_bytes() and numpy.array_equal(model.predict(X), before)
inner = net()
for pair in (made := chain(KerasWrapper(inner), KerasWrapper(inner)), made.copy()):
    keys = []
    hidden, backprop = pair.begin_update(numpy.ones((2, 8), "f"))
    backprop(hidden)
    pair.finish_update(lambda key, weights, gradient: keys.append(key) or (weights - gradient, gradient))
    first, second = (layer.shims[0] for layer in pair.layers)
    assert {key[0] for key in keys} == ({first.id, second.id} if {backend!r} == "jax" else {first.id})
    assert (first.to_bytes() == second.to_bytes()) == ({backend!r} != "jax")
inner.layers[0].kernel.trainable = False
layer = KerasWrapper(inner).copy()
layer.begin_update(numpy.ones((2, 8), "f"))[1](hidden)
assert len(layer.shims[0].read_grads()) == 3
"""


@pytest.mark.parametrize("backend", ["tensorflow", "torch", "jax"])
def test_keras_learns_on_each_backend(backend):
    pytest.importorskip(backend, reason=f"{backend} is not installed")
    environment = os.environ | {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
    code = OTHER_BACKEND.replace("{backend!r}", repr(backend))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)

    assert done.returncode == 0, done.stderr[-2000:]


def test_keras_wrapper_serves_tensorflow():
    assert type(KerasWrapper(sequential()).shims[0]) is TensorFlowShim
